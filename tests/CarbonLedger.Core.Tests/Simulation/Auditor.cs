using System.Runtime.CompilerServices;

namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>A second bookkeeper: one cell per kilogram, no ranges, no code of the product. It reads the public fields of facts and commands only.</summary>
internal sealed partial class Auditor
{
    internal enum Fate
    {
        Live = 0,
        Retired = 1,
        Cancelled = 2,
        Expired = 3,
    }

    internal struct Cell
    {
        public Guid Holder;
        public Fate Fate;

        /// <summary>In the order in which they came; null for none. Cells share it, so it is never changed in place.</summary>
        public Mark[]? Marks;

        public readonly bool IsFree => Fate == Fate.Live && Marks is null;

        /// <summary>True when nothing lies on it but ranked pledges, if anything, and one more has room.</summary>
        public readonly bool TakesRanked => Fate == Fate.Live && (Marks is null || (Array.TrueForAll(Marks, m => m.Kind == 'r') && HasRoom));

        public readonly bool IsFrozen => Marks is not null && Array.Exists(Marks, m => m.Kind == 'f');

        public readonly bool HasRoom => Marks is null || Marks.Count(m => m.Kind != 'f') < MarksMax;

        public readonly bool HasRoomForStop => Marks is null || Marks.Count(m => m.Kind == 'f') < StopsMax;

        public readonly bool Carries(Guid id) => Marks is not null && Array.Exists(Marks, m => m.Id == id);
    }

    /// <summary>What lies on a kilogram: 'h' a trade's hold, 'x' an exclusive pledge, 'r' a ranked one, 'f' a freeze.</summary>
    /// <param name="With">The first of the pledges that it came with at equal rank; empty for itself and for one that came alone.</param>
    internal readonly record struct Mark(char Kind, Guid Id, Guid With);

    /// <summary>The most marks on one kilogram that are no freezes.</summary>
    public const int MarksMax = 16;

    /// <summary>The most freezes on one kilogram.</summary>
    public const int StopsMax = 16;

    /// <summary>A voucher's kilograms; the cell of serial 1 stands at 0.</summary>
    public Dictionary<Guid, Cell[]> Vouchers { get; } = [];

    public Dictionary<Guid, LoanBook> Loans { get; } = [];

    /// <summary>The last day of each voucher's monitoring period.</summary>
    public Dictionary<Guid, LocalDate> Ends { get; } = [];

    public HashSet<Guid> Revoked { get; } = [];

    /// <summary>The account that keeps the scheme's buffer.</summary>
    public Guid Buffer { get; private set; }

    public HashSet<Guid> ClosedAccounts { get; } = [];

    /// <summary>The organization of each account.</summary>
    public Dictionary<Guid, Guid> Owners { get; } = [];

    /// <summary>What a noun's event announced and no voucher's event has done yet, or the other way round.</summary>
    private readonly HashSet<string> open = [];

    private readonly Dictionary<Guid, long> versions = [];
    private (long Index, Instant At) last;

    internal sealed class LoanBook(Guid bank, decimal principal, decimal rate, int basis, LocalDate day)
    {
        public Guid Bank => bank;

        public decimal Principal { get; private set; } = principal;

        private decimal exact;
        private decimal paid;

        public decimal Interest => InterestBy(Day);

        public LocalDate Begins { get; } = day;

        public LocalDate Day { get; private set; } = day;

        /// <summary>All interest since the start in one exact sum, rounded once; what was paid comes off afterwards.</summary>
        public decimal InterestBy(LocalDate date)
        {
            // A loan may start later than today; until then it bears nothing, and certainly nothing negative.
            var days = date <= Day ? 0 : (date.ToDateTimeUnspecified() - Day.ToDateTimeUnspecified()).Days;
            return Math.Round((exact + (Principal * rate * days)) / basis, 2, MidpointRounding.AwayFromZero) - paid;
        }

        public void Pay(LocalDate date, decimal toInterest, decimal toPrincipal)
        {
            var due = InterestBy(date);
            Check(toInterest <= due, "more interest was paid than was due");
            Check(toPrincipal == 0 || toInterest == due, "principal was paid before interest");
            Check(toPrincipal <= Principal, "more principal was paid than was owed");
            exact += Principal * rate * (date.ToDateTimeUnspecified() - Day.ToDateTimeUnspecified()).Days;
            (paid, Principal, Day) = (paid + toInterest, Principal - toPrincipal, date);
        }
    }

    /// <summary>Reads one event as it stands in the log.</summary>
    public void Read(RecordedEvent recorded)
    {
        var version = versions[recorded.Fact.Stream] = versions.GetValueOrDefault(recorded.Fact.Stream) + 1;
        Check(recorded.LogIndex == last.Index + 1 && recorded.Version == version && recorded.At >= last.At, "an event has not its place in the log");
        last = (recorded.LogIndex, recorded.At);
        switch (recorded.Fact)
        {
            case VoucherEvent e:
                ReadUnits(e);
                break;
            case PledgeEvent e:
                ReadPledge(e, recorded);
                break;
            case TradeEvent e:
                ReadTrade(e, recorded);
                break;
            case FreezeEvent e:
                ReadFreeze(e, recorded);
                break;
            case AccountEvent.AccountOpened e:
                Owners.Add(e.Account.Value, e.Organization.Value);
                break;
            case AccountEvent.BufferDesignated e:
                Buffer = e.Account.Value;
                break;
            case AccountEvent.AccountClosed e:
                Check(!Vouchers.Values.Any(v => v.Any(c => c.Holder == e.Account.Value && c.Fate == Fate.Live)), "an account was closed with units in it");
                Check(ClosedAccounts.Add(e.Account.Value), "an account was closed twice");
                break;
            case LoanEvent.LoanOpened e:
                Loans.Add(e.Loan.Value, new LoanBook(e.Bank.Value, e.Principal.Amount, e.AnnualRate.Ratio, (int)e.DayCount, e.StartDate));
                break;
            case LoanEvent.LoanRepaid e:
                Loans[e.Loan.Value].Pay(e.Date, e.ToInterest.Amount, e.ToPrincipal.Amount);
                if (e.Source is { } source)
                {
                    Toggle($"{source} repays {e.Loan} with {e.ToInterest.Amount + e.ToPrincipal.Amount:0.00}");
                }

                break;
        }
    }

    /// <summary>After the last fact of a decision: what was announced was done, and nothing else was.</summary>
    public void Close()
    {
        Check(open.Count == 0, $"announced and not done, or done and not announced: {string.Join("; ", open)}");
        fresh.Clear();
    }

    private void ReadUnits(VoucherEvent fact)
    {
        switch (fact)
        {
            case VoucherEvent.VoucherIssued e:
                Vouchers.Add(e.Voucher.Value, Enumerable.Repeat(new Cell { Holder = e.Holder.Value }, (int)e.Kilograms.Value).ToArray());
                Ends.Add(e.Voucher.Value, e.MonitoringPeriod.Last);
                break;
            case VoucherEvent.UnitsTransferred e:
                Move(e.Voucher, e.Serials, e.From, e.To, e.Trade?.Value ?? e.Enforcement?.Value);
                break;
            case VoucherEvent.UnitsDelivered e:
                Toggle(Left(e.Trade.Value, e.Voucher, Text(e.Serials)));
                Lift(e.Voucher, e.Serials, e.From, e.Trade.Value);
                Move(e.Voucher, e.Serials, e.From, e.To, e.Trade.Value);
                break;
            case VoucherEvent.UnitsPledged e:
                CheckMoves(e.Voucher);
                var ranked = e.Mode == PledgeMode.Ranked;
                Toggle(Came(e.Pledge.Value, e.Voucher, e.Serials, e.Holder, ranked, e.EqualRankWith?.Value ?? Guid.Empty));
                Lay(e.Voucher, e.Serials, e.Holder, new Mark(ranked ? 'r' : 'x', e.Pledge.Value, e.EqualRankWith?.Value ?? Guid.Empty));
                break;
            case VoucherEvent.UnitsHeld e:
                CheckMoves(e.Voucher);
                Toggle(Came(e.Trade.Value, e.Voucher, e.Serials, e.Holder, false, Guid.Empty));
                Lay(e.Voucher, e.Serials, e.Holder, new Mark('h', e.Trade.Value, Guid.Empty));
                break;
            case VoucherEvent.UnitsReleased e:
                Toggle(Left(e.Pledge.Value, e.Voucher, Text(e.Serials)));
                Lift(e.Voucher, e.Serials, e.Holder, e.Pledge.Value);
                break;
            case VoucherEvent.HoldEnded e:
                Toggle(Left(e.Trade.Value, e.Voucher, Text(e.Serials)));
                Lift(e.Voucher, e.Serials, e.Holder, e.Trade.Value);
                break;
            case VoucherEvent.UnitsFrozen e:
                Freeze(e.Voucher, e.Serials, e.Freeze.Value);
                Lay(e.Voucher, e.Serials, e.Holder, new Mark('f', e.Freeze.Value, Guid.Empty));
                break;
            case VoucherEvent.UnitsUnfrozen e:
                Freeze(e.Voucher, e.Serials, e.Freeze.Value);
                Lift(e.Voucher, e.Serials, e.Holder, e.Freeze.Value);
                break;
            case VoucherEvent.UnitsRetired e:
                CheckMoves(e.Voucher);
                Finish(e.Voucher, e.Serials, e.Holder, Fate.Retired);
                break;
            case VoucherEvent.UnitsCancelled e:
                Check(e.Cancellation is null == Revoked.Contains(e.Voucher.Value), "units were cancelled with neither record nor revocation, or with both");
                Finish(e.Voucher, e.Serials, e.Holder, Fate.Cancelled);
                break;
            case VoucherEvent.UnitsExpired e:
                CheckMoves(e.Voucher);
                Check(e.ValidUntil == Ends[e.Voucher.Value].PlusYears(Scenario.LifetimeYears), "units expired on another day than theirs");
                Finish(e.Voucher, e.Serials, e.Holder, Fate.Expired);
                break;
            case VoucherEvent.VoucherRevoked e:
                Check(Revoked.Add(e.Voucher.Value), "a voucher was revoked twice");
                break;
            default:
                throw new InvalidOperationException($"The auditor cannot read {fact.GetType().Name}.");
        }
    }

    private void Move(VoucherId voucher, SerialRanges serials, AccountId from, AccountId to, Guid? cause)
    {
        CheckMoves(voucher);
        Check(from.Value != Buffer, "a buffer gave units away");
        Check(!ClosedAccounts.Contains(to.Value), "a closed account received units");
        if (cause is { } id)
        {
            Toggle(Moved(id, voucher, serials, from, to));
        }

        Each(voucher, serials, (ref Cell cell) =>
        {
            CheckFree(cell, from);
            cell.Holder = to.Value;
        });
    }

    /// <summary>Looks over one voucher, loan, pledge or trade; another thing has nothing to compare.</summary>
    public void Compare(Register register, Guid stream, LocalDate today)
    {
        if (Vouchers.TryGetValue(stream, out var cells))
        {
            CompareUnits(register.Units(new VoucherId(stream))!, stream, cells);
        }
        else if (Loans.TryGetValue(stream, out var book))
        {
            var state = register.Find<LoanState>(stream)!;
            Check(state.Principal.Amount == book.Principal, $"the register says a principal of {state.Principal}, the book {book.Principal}");
            Check(state.OutstandingOn(today).Amount == book.Principal + book.InterestBy(today), "the balances differ");
        }
        else if (Liens.TryGetValue(stream, out var lien))
        {
            ComparePledge(register.Find<PledgeState>(stream)!, lien);
        }
        else if (Deals.TryGetValue(stream, out var deal))
        {
            CompareTrade(register.Find<TradeState>(stream)!, deal);
        }
    }

    /// <summary>D2, D3, D4: what the register says of each kilogram is what the cells say, and every kilogram is said once.</summary>
    public static void CompareUnits(Units units, Guid voucher, Cell[] cells)
    {
        var next = 1L;
        foreach (var piece in units.Pieces)
        {
            Check(piece.Range.First == next, $"serial {next} of voucher {voucher} should stand where {piece} does");
            var locks = piece.Locks.ToString();
            for (var (marks, same) = (default(Mark[]), locks.Length == 0); next < piece.Range.EndExclusive; next++)
            {
                ref var cell = ref cells[next - 1];
                if (!ReferenceEquals(cell.Marks, marks))
                {
                    (marks, same) = (cell.Marks, locks == Text(cell.Marks));
                }

                var agree = same && piece.Account.Value == cell.Holder && piece.Status == (UnitStatus)cell.Fate;
                Check(agree, $"serial {next} of voucher {voucher} stands as {piece} {piece.Locks}, the cell says {cell.Holder}, {cell.Fate}, {Text(cell.Marks)}");
            }
        }

        Check(next == cells.Length + 1, "a voucher's pieces do not end with its last kilogram");
    }

    public static void Check(bool holds, string complaint)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The auditor objects: {complaint}.");
        }
    }

    public static void Check(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Complaint complaint)
    {
        if (!holds)
        {
            Check(false, complaint.Text);
        }
    }

    private delegate void Change(ref Cell cell);

    private void Each(VoucherId voucher, SerialRanges serials, Change change)
    {
        var cells = Vouchers[voucher.Value];
        var last = 0L;
        foreach (var range in serials)
        {
            Check(range.First > last, "ranges are not ascending");
            for (var serial = range.First; serial <= range.Last; serial++)
            {
                change(ref cells[serial - 1]);
            }

            last = range.Last;
        }
    }

    private void Lay(VoucherId voucher, SerialRanges serials, AccountId holder, Mark mark)
    {
        var (before, after) = (default(Mark[]), new[] { mark });
        Each(voucher, serials, (ref Cell cell) =>
        {
            Check(cell.Holder == holder.Value && cell.Fate == Fate.Live, "something came to lie on units that had ended or were another's");
            Check(!cell.Carries(mark.Id) && (mark.Kind switch { 'f' => cell.HasRoomForStop, 'r' => cell.TakesRanked, _ => cell.IsFree }), "something came to lie on units that had no place for it");
            if (!ReferenceEquals(cell.Marks, before))
            {
                (before, after) = (cell.Marks, [.. cell.Marks ?? [], mark]);
            }

            cell.Marks = after;
        });
    }

    private void Lift(VoucherId voucher, SerialRanges serials, AccountId holder, Guid id)
    {
        var (before, after) = (default(Mark[]), default(Mark[]));
        Each(voucher, serials, (ref Cell cell) =>
        {
            Check(cell.Carries(id) && cell.Holder == holder.Value, "something left a kilogram on which it did not lie");
            if (!ReferenceEquals(cell.Marks, before))
            {
                before = cell.Marks;
                after = before!.Length == 1 ? null : [.. before.Where(m => m.Id != id)];
            }

            cell.Marks = after;
        });
    }

    private void Finish(VoucherId voucher, SerialRanges serials, AccountId holder, Fate fate) => Each(voucher, serials, (ref Cell cell) =>
    {
        CheckFree(cell, holder);
        cell.Fate = fate;
    });

    private void CheckMoves(VoucherId voucher) => Check(!Revoked.Contains(voucher.Value), "units of a revoked voucher moved");

    private static void CheckFree(Cell cell, AccountId holder)
    {
        Check(cell.Holder == holder.Value, "units moved that their account did not hold");
        Check(cell.Fate == Fate.Live, "units moved that had ended");
        Check(cell.Marks is null, "units moved on which something lay");
    }

    private void Toggle(string what)
    {
        if (!open.Remove(what))
        {
            open.Add(what);
        }
    }

    private static string Came(Guid id, VoucherId voucher, SerialRanges serials, AccountId holder, bool ranked, Guid with) =>
        $"{id} comes to {Text(serials)} of {voucher} in {holder}, ranked {ranked}, with {with}";

    private static string Left(Guid id, VoucherId voucher, string serials) => $"{id} leaves {serials} of {voucher}";

    private static string Moved(Guid cause, VoucherId voucher, SerialRanges serials, AccountId from, AccountId to) =>
        $"{cause} moves {Text(serials)} of {voucher} from {from} to {to}";

    private static string Text(SerialRanges serials) => string.Join(',', serials.Select(r => $"{r.First}-{r.Last}"));

    /// <summary>Serials in ascending order, as ranges.</summary>
    private static string Text(IReadOnlyList<long> serials)
    {
        var starts = Enumerable.Range(0, serials.Count).Where(i => i == 0 || serials[i] != serials[i - 1] + 1).Append(serials.Count).ToArray();
        return string.Join(',', starts.Zip(starts.Skip(1), (from, to) => $"{serials[from]}-{serials[to - 1]}"));
    }

    private static string Text(Mark[]? marks) => string.Join(' ', (marks ?? []).Select(m =>
        (m.Kind switch { 'h' => "hold:", 'x' => "exclusive:", 'f' => "freeze:", _ => "ranked:" }) + m.Id + (m.With == Guid.Empty ? "" : $"={m.With}")));

    private static decimal Worth(long kilograms, decimal pricePerTonne) => Math.Round(kilograms * pricePerTonne / 1000m, 2, MidpointRounding.AwayFromZero);
}
