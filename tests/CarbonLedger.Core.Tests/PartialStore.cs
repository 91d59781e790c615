namespace CarbonLedger.Core.Tests;

/// <summary>What a database keeps of a register, and a loader that brings a command exactly what it names and nothing more.</summary>
/// <remarks>
/// A decision that looks at something its command did not name fails here, as it would in production. A piece is kept by its first
/// serial alone: it ends where the next one begins.
/// </remarks>
internal sealed class PartialStore
{
    private const int RoundsMax = 5;

    private readonly Dictionary<Guid, (string Kind, byte[] Json)> states = [];
    private readonly Dictionary<VoucherId, SortedList<long, Piece>> rows = [];
    private readonly Dictionary<VoucherId, long> lastSerials = [];
    private readonly HashSet<UniqueName> names = [];
    private readonly List<Coverage> coverage = [];

    public Register LoadFor(Command command)
    {
        var register = new Register();
        var needs = new Needs(register);
        for (var round = 0; round < RoundsMax; round++)
        {
            command.Collect(needs);
            if (!needs.Any)
            {
                return register;
            }

            Bring(register, needs);
            needs.Clear();
        }

        throw new InvalidOperationException($"{command.GetType().Name} names something new after {RoundsMax} rounds.");
    }

    /// <summary>Writes back what a register changed, and fails where a database's constraints would.</summary>
    public void Write(Register register)
    {
        foreach (var state in register.ChangedStates)
        {
            states[state.Id] = (StateCodec.KindOf(state), System.Text.Encoding.UTF8.GetBytes(StateCodec.Encode(state)));
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
        }
    }

    public IEnumerable<Piece> Pieces(VoucherId voucher)
    {
        var pieces = rows[voucher];
        for (var i = 0; i < pieces.Count; i++)
        {
            yield return At(voucher, i);
        }
    }

    private void Write(VoucherId voucher, Units units)
    {
        if (!rows.TryGetValue(voucher, out var pieces))
        {
            if (units.Pieces.Count == 0)
            {
                return;
            }

            rows.Add(voucher, pieces = []);
            lastSerials.Add(voucher, units.Pieces[^1].Range.Last);
        }

        foreach (var (piece, exists) in units.Changes)
        {
            Assert.True(exists == pieces.ContainsKey(piece.Range.First), $"Whether a row exists for {piece} is told wrongly.");
            pieces[piece.Range.First] = piece;
        }
    }

    private Piece At(VoucherId voucher, int index)
    {
        var pieces = rows[voucher];
        var end = index + 1 < pieces.Count ? pieces.GetKeyAtIndex(index + 1) : lastSerials[voucher] + 1;
        return pieces.GetValueAtIndex(index) with { Range = SerialRange.HalfOpen(pieces.GetKeyAtIndex(index), end) };
    }

    private void Bring(Register register, Needs needs)
    {
        foreach (var id in needs.States)
        {
            register.Load(id, states.TryGetValue(id, out var row) ? StateCodec.Decode(row.Kind, row.Json) : null);
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
            register.LoadHoldsAny(account, rows.Values.Any(r => r.Values.Any(p => p.Account == account && p.Status == UnitStatus.Live)));
        }

        foreach (var (voucher, range) in needs.Serials.Where(s => rows.ContainsKey(s.Voucher)))
        {
            LoadAll(register, voucher, p => p.Range.Overlaps(range));
        }

        foreach (var ((account, voucher), kilograms) in needs.Holdings)
        {
            BringHolding(register, account, voucher, kilograms.Value);
        }
    }

    private void BringHolding(Register register, AccountId account, VoucherId voucher, long asked)
    {
        var units = register.LoadUnits(voucher);
        var free = rows.ContainsKey(voucher) ? Pieces(voucher).Where(p => p.Account == account && p.IsFree).ToArray() : [];
        var (sum, count) = (0L, 0);
        while (count < free.Length && count <= Units.PiecesPerLineMax && sum < asked)
        {
            units.Load(free[count]);
            sum += free[count].Range.Count;
            count++;
        }

        units.LoadFrontier(account, count == free.Length ? long.MaxValue : count == 0 ? 0 : free[count - 1].Range.First);
        if (sum < asked && rows.ContainsKey(voucher))
        {
            LoadAll(register, voucher, p => p.Account == account && p.Status == UnitStatus.Live && p.IsLocked);
        }
    }

    private void LoadAll(Register register, VoucherId voucher, Func<Piece, bool> wanted)
    {
        var units = register.LoadUnits(voucher);
        foreach (var piece in Pieces(voucher).Where(wanted).Take(Units.PiecesPerLineMax + 1))
        {
            units.Load(piece);
        }
    }
}
