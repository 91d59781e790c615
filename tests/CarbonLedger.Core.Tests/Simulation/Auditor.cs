namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>A second bookkeeper: one cell per kilogram, no ranges, no code of the product. It reads the public fields of facts and commands only.</summary>
internal sealed class Auditor
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
        public Guid Lien;

        public readonly bool IsFree => Fate == Fate.Live && Lien == Guid.Empty;
    }

    /// <summary>A voucher's kilograms; the cell of serial 1 stands at 0.</summary>
    public Dictionary<Guid, Cell[]> Vouchers { get; } = [];

    public Dictionary<Guid, LoanBook> Loans { get; } = [];

    public Dictionary<Guid, (Guid Pledgee, Guid Pledgor, Guid Loan)> Liens { get; } = [];

    /// <summary>The last day of each voucher's monitoring period.</summary>
    public Dictionary<Guid, LocalDate> Ends { get; } = [];

    public HashSet<Guid> Revoked { get; } = [];

    /// <summary>The account that keeps the scheme's buffer.</summary>
    public Guid Buffer { get; private set; }

    public HashSet<Guid> ClosedAccounts { get; } = [];

    public HashSet<string> TradeNumbers { get; } = [];

    internal sealed class LoanBook(Guid bank, decimal principal, decimal rate, int basis, LocalDate day)
    {
        public Guid Bank => bank;

        public decimal Principal { get; private set; } = principal;

        private decimal exact;
        private decimal paid;

        public decimal Interest => InterestBy(Day);

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

    public void Read(LedgerEvent fact)
    {
        switch (fact)
        {
            case VoucherEvent.VoucherIssued e:
                Vouchers.Add(e.Voucher.Value, Enumerable.Repeat(new Cell { Holder = e.Holder.Value }, (int)e.Kilograms.Value).ToArray());
                Ends.Add(e.Voucher.Value, e.MonitoringPeriod.Last);
                break;
            case VoucherEvent.UnitsTransferred e:
                CheckMoves(e.Voucher);
                Check(e.From.Value != Buffer, "a buffer gave units away");
                Check(!ClosedAccounts.Contains(e.To.Value), "a closed account received units");
                Each(e.Voucher, e.Serials, (ref Cell cell) =>
                {
                    CheckFree(cell, e.From);
                    cell.Holder = e.To.Value;
                });
                break;
            case VoucherEvent.UnitsPledged e:
                CheckMoves(e.Voucher);
                Each(e.Voucher, e.Serials, (ref Cell cell) =>
                {
                    CheckFree(cell, e.Holder);
                    cell.Lien = e.Pledge.Value;
                });
                break;
            case VoucherEvent.UnitsReleased e:
                Each(e.Voucher, e.Serials, (ref Cell cell) =>
                {
                    Check(cell.Lien == e.Pledge.Value && cell.Holder == e.Holder.Value, "a kilogram was released that was not under the lien");
                    cell.Lien = Guid.Empty;
                });
                break;
            case VoucherEvent.UnitsRetired e:
                CheckMoves(e.Voucher);
                Each(e.Voucher, e.Serials, (ref Cell cell) =>
                {
                    CheckFree(cell, e.Holder);
                    cell.Fate = Fate.Retired;
                });
                break;
            case VoucherEvent.UnitsCancelled e:
                Check(e.Cancellation is null == Revoked.Contains(e.Voucher.Value), "units were cancelled with neither record nor revocation, or with both");
                Each(e.Voucher, e.Serials, (ref Cell cell) =>
                {
                    CheckFree(cell, e.Holder);
                    cell.Fate = Fate.Cancelled;
                });
                break;
            case VoucherEvent.UnitsExpired e:
                CheckMoves(e.Voucher);
                Check(e.ValidUntil == Ends[e.Voucher.Value].PlusYears(Scenario.LifetimeYears), "units expired on another day than theirs");
                Each(e.Voucher, e.Serials, (ref Cell cell) =>
                {
                    CheckFree(cell, e.Holder);
                    cell.Fate = Fate.Expired;
                });
                break;
            case VoucherEvent.VoucherRevoked e:
                Check(Revoked.Add(e.Voucher.Value), "a voucher was revoked twice");
                break;
            case AccountEvent.BufferDesignated e:
                Buffer = e.Account.Value;
                break;
            case PledgeEvent.PledgeRegistered e:
                Liens.Add(e.Pledge.Value, (e.Pledgee.Value, e.Pledgor.Value, Guid.Empty));
                break;
            case PledgeEvent.PledgeSecuredLoan e:
                Check(Liens[e.Pledge.Value].Loan == Guid.Empty, "a pledge secures two loans");
                Liens[e.Pledge.Value] = Liens[e.Pledge.Value] with { Loan = e.Loan.Value };
                break;
            case LoanEvent.LoanOpened e:
                Loans.Add(e.Loan.Value, new LoanBook(e.Bank.Value, e.Principal.Amount, e.AnnualRate.Ratio, (int)e.DayCount, e.StartDate));
                break;
            case LoanEvent.LoanRepaid e:
                Loans[e.Loan.Value].Pay(e.Date, e.ToInterest.Amount, e.ToPrincipal.Amount);
                break;
            case AccountEvent.AccountClosed e:
                Check(!Vouchers.Values.Any(v => v.Any(c => c.Holder == e.Account.Value && c.Fate == Fate.Live)), "an account was closed with units in it");
                Check(ClosedAccounts.Add(e.Account.Value), "an account was closed twice");
                break;
            case TradeEvent.TradeSettled e:
                Check(TradeNumbers.Add(e.VenueTradeNumber), "a trade number was given twice");
                Check(e.Amount.Amount == e.Lines.Sum(l => Worth(l)), "a trade's amount is not the sum of its lines");
                break;
        }
    }

    /// <summary>Looks over one voucher or loan; another thing has nothing to compare.</summary>
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
    }

    /// <summary>D2, D3, D4: what the register says of each kilogram is what the cells say, and every kilogram is said once.</summary>
    private static void CompareUnits(Units units, Guid voucher, Cell[] cells)
    {
        var next = 1L;
        foreach (var piece in units.Pieces)
        {
            CheckCell(piece.Range.First == next, voucher, next, piece, default);
            for (; next < piece.Range.EndExclusive; next++)
            {
                ref var cell = ref cells[next - 1];
                var same = piece.Account.Value == cell.Holder
                    && piece.Status == (UnitStatus)cell.Fate
                    && piece.Locks.ToString() == (cell.Lien == Guid.Empty ? "" : $"exclusive:{cell.Lien}");
                CheckCell(same, voucher, next, piece, cell);
            }
        }

        Check(next == cells.Length + 1, "a voucher's pieces do not end with its last kilogram");
    }

    private static void CheckCell(bool holds, Guid voucher, long serial, Piece piece, in Cell cell)
    {
        if (!holds)
        {
            Check(false, $"serial {serial} of voucher {voucher} stands as {piece}, the cell says {cell.Holder}, {cell.Fate}, lien {cell.Lien}");
        }
    }

    public static void Check(bool holds, string complaint)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The auditor objects: {complaint}.");
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

    private void CheckMoves(VoucherId voucher) => Check(!Revoked.Contains(voucher.Value), "units of a revoked voucher moved");

    private static void CheckFree(Cell cell, AccountId holder)
    {
        Check(cell.Holder == holder.Value, "units moved that their account did not hold");
        Check(cell.Fate == Fate.Live, "units moved that had ended");
        Check(cell.Lien == Guid.Empty, "units moved that were pledged");
    }

    private static decimal Worth(TradeLine line) =>
        Math.Round(line.Serials.Sum(r => r.Last - r.First + 1) * line.PricePerTonne.Amount / 1000m, 2, MidpointRounding.AwayFromZero);
}
