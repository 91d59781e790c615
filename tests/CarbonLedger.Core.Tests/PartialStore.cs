namespace CarbonLedger.Core.Tests;

/// <summary>What a database keeps of a register, and a loader that brings a command exactly what it names and nothing more.</summary>
/// <remarks>
/// States have gone through their JSON, as rows do. A decision that looks at something its command did not name fails here, as it would in production. A piece is kept by its last
/// serial alone: it begins where the one before it ends.
/// </remarks>
/// <param name="remembers">True to know the units of earlier commands again, as a server does while nobody else writes.</param>
internal sealed class PartialStore(bool remembers = false) : IRemembered
{
    private const int RoundsMax = 8;

    private readonly Dictionary<Guid, State> states = [];
    private readonly Dictionary<VoucherId, SortedList<long, Piece>> rows = [];
    private readonly HashSet<UniqueName> names = [];
    private readonly List<Coverage> coverage = [];
    private readonly Dictionary<VoucherId, Units> remembered = [];

    public Register LoadFor(Command command)
    {
        var register = new Register();
        for (var round = 0; round < RoundsMax; round++)
        {
            var needs = new Needs(register, this);
            command.Collect(needs);
            if (!needs.Any)
            {
                return register;
            }

            Bring(register, needs);
        }

        throw new InvalidOperationException($"{command.GetType().Name} names something new after {RoundsMax} rounds.");
    }

    /// <summary>States are always read anew.</summary>
    public bool Bring(Register register, Guid id) => false;

    public void Bring(Register register, VoucherId voucher)
    {
        if (remembered.TryGetValue(voucher, out var units))
        {
            register.Remember(voucher, units);
        }
    }

    /// <summary>Writes back what a register changed, and fails where a database's constraints would.</summary>
    public void Write(Register register)
    {
        foreach (var state in register.ChangedStates)
        {
            states[state.Id] = StateCodec.Decode(StateCodec.KindOf(state), System.Text.Encoding.UTF8.GetBytes(StateCodec.Encode(state)));
        }

        foreach (var name in register.NewUniqueNames)
        {
            Assert.True(names.Add(name), $"{name} was given twice.");
        }

        foreach (var covered in register.NewCoverage)
        {
            Assert.DoesNotContain(coverage, c => c.Parcel == covered.Parcel && c.Period.Overlaps(covered.Period));
            coverage.Add(covered);
        }

        foreach (var (voucher, units) in register.LoadedUnits)
        {
            Write(voucher, units);
            if (remembers && !register.Complete)
            {
                units.Settle();
                remembered[voucher] = units;
            }
        }
    }

    public IEnumerable<Piece> Pieces(VoucherId voucher)
    {
        var next = 1L;
        foreach (var (last, piece) in rows[voucher])
        {
            yield return piece with { Range = SerialRange.Inclusive(next, last) };
            next = last + 1;
        }
    }

    private void Write(VoucherId voucher, Units units)
    {
        if (!rows.TryGetValue(voucher, out var pieces))
        {
            if (units.PieceCount == 0)
            {
                return;
            }

            rows.Add(voucher, pieces = []);
        }

        foreach (var (piece, exists) in units.Changes)
        {
            Assert.True(exists == pieces.ContainsKey(piece.Range.Last), $"Whether a row exists for {piece} is told wrongly.");
            pieces[piece.Range.Last] = piece;
        }
    }

    private void Bring(Register register, Needs needs)
    {
        foreach (var id in needs.States)
        {
            register.Load(id, states.GetValueOrDefault(id));
        }

        foreach (var name in needs.UniqueNames)
        {
            register.Load(name, names.Contains(name));
        }

        foreach (var (parcel, period) in needs.Parcels)
        {
            register.LoadCoverage(parcel, period, coverage.Where(c => c.Parcel == parcel && c.Period.Overlaps(period)));
        }

        foreach (var account in needs.Emptiness)
        {
            register.LoadEmptiness(
                account,
                rows.Values.Any(r => r.Values.Any(p => p.Account == account && p.Status == UnitStatus.Live)),
                states.Values.OfType<TradeState>().Any(t => t.Buyer == account && t.DueAt is not null));
        }

        foreach (var (voucher, range, most) in needs.Serials)
        {
            register.LoadSerials(voucher, range, most);
            if (rows.ContainsKey(voucher))
            {
                LoadAll(register, voucher, p => p.Range.Overlaps(range), most);
            }
        }

        foreach (var voucher in needs.LiveUnits)
        {
            if (rows.ContainsKey(voucher))
            {
                LoadAll(register, voucher, p => p.Status == UnitStatus.Live);
            }

            register.LoadUnits(voucher).LoadLive();
        }

        foreach (var sweep in needs.Sweeps)
        {
            register.LoadSweep(sweep, sweep.In(
                rows.Keys.Select(v => ((VoucherState)states[v.Value], Pieces(v))),
                account => states[account.Value] is AccountState { IsFrozen: true }));
        }

        foreach (var voucher in needs.ClaimedVouchers)
        {
            register.LoadClaimsOn(voucher, FlagClaim.OwedIn(states.Values.OfType<ClaimState>(), voucher));
        }

        foreach (var ((account, voucher), kilograms) in needs.Holdings)
        {
            BringHolding(register, account, voucher, kilograms.Value);
        }
    }

    private void BringHolding(Register register, AccountId account, VoucherId voucher, long asked)
    {
        var units = register.LoadUnits(voucher);
        var (sum, count, frontier) = (0L, 0, long.MaxValue);
        foreach (var piece in rows.ContainsKey(voucher) ? Pieces(voucher) : [])
        {
            if (piece.Account != account || !piece.IsFree)
            {
                continue;
            }

            units.Load(piece);
            (sum, count) = (sum + piece.Range.Count, count + 1);
            if (sum >= asked || count > Units.PiecesPerLineMax)
            {
                frontier = piece.Range.Last;
                break;
            }
        }

        units.LoadFrontier(account, frontier);
        if (sum < asked && rows.ContainsKey(voucher))
        {
            LoadAll(register, voucher, p => p.Account == account && p.Status == UnitStatus.Live && p.IsLocked);
        }
    }

    private void LoadAll(Register register, VoucherId voucher, Func<Piece, bool> wanted, int most = Units.PiecesPerLineMax + 1)
    {
        var units = register.LoadUnits(voucher);
        foreach (var piece in Pieces(voucher).Where(wanted).Take(most))
        {
            units.Load(piece);
        }
    }
}
