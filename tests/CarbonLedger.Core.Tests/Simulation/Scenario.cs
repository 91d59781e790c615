namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Random commands of a seed: several vouchers, accounts, lenders and actors, and often something that is not allowed.</summary>
internal sealed partial class Scenario
{
    /// <summary>The first voucher's units expire while the scenario runs, the second's near its end.</summary>
    public const int LifetimeYears = 20;

    /// <summary>The account of the scheme's buffer: the last one.</summary>
    private const int Accounts = 6;

    private readonly Random random;
    private readonly Auditor auditor;
    private readonly List<LoanId> loans = [];
    private readonly (VoucherId Id, int Kilograms)[] vouchers;
    private int numbers = 100;

    private AccountId aimedAccount;
    private (VoucherId Id, long Serial) aimedUnit;

    public Scenario(int seed, Auditor auditor)
    {
        (random, this.auditor) = (new Random(seed), auditor);
        vouchers = [.. Enumerable.Range(1, random.Next(2, 5)).Select(i => (new VoucherId(Id(0x40, i)), random.Next(1, random.Next(8) == 0 ? 501 : 60)))];
    }

    public IReadOnlyList<LedgerEvent> Beginning =>
    [
        new OrganizationEvent.OrganizationRegistered(Forest, "forest", null, [Role.ProjectOwner]),
        new OrganizationEvent.OrganizationRegistered(Group, "group", null, [Role.Office]),
        new OrganizationEvent.OrganizationRegistered(Exchange, "exchange", null, [Role.Exchange]),
        new OrganizationEvent.OrganizationRegistered(Bank, "bank", null, [Role.Bank]),
        new OrganizationEvent.OrganizationRegistered(SecondBank, "second bank", null, [Role.Bank]),
        .. Enumerable.Range(1, Accounts).Select(i => new AccountEvent.AccountOpened(Account(i), Holder(i), $"account {i}")),
        new ProjectEvent.ProjectRegistered(Woods, 1, "Woods", "SLCT", Forest, "620171", "M", Parcels),
        new SchemeEvent.SchemeRegistered(Bonus, "SLCT", "scheme", new SchemeBuffer(0.1m, Account(Accounts)), LifetimeYears),
        new AccountEvent.BufferDesignated(Account(Accounts), Bonus),
        .. vouchers.Select((v, i) => new VoucherEvent.VoucherIssued(
            v.Id, Form(i), Woods, new SerialPrefix("620171", "SLCT", 1, 2001 + i, 1), Kg(v.Kilograms), Year(2001 + i), ["620171-001"], Account(1 + (i % 2)), null)),
        .. vouchers.Select((v, i) => new VoucherEvent.UnitsTransferred(
            v.Id, null, null, Account(1 + (i % 2)), Account(Accounts), Serials((v.Kilograms - ((v.Kilograms + 9) / 10) + 1, v.Kilograms)), null)),
    ];

    public int DaysToNext() => random.Next(10) == 0 ? random.Next(1, 40) : 0;

    public (Command Command, Actor Actor) Next()
    {
        Aim();
        var from = random.Next(8) == 0 ? AnyAccount() : aimedAccount;
        if (random.Next(4) == 0 && Due() is { } due)
        {
            return due;
        }

        return random.Next(46) switch
        {
            26 or 27 or 28 or 45 when Is(auditor.Deals.Values.Any(d => d.Status == "registered")) => EndingTrade(),
            29 or 30 when Is(auditor.Liens.Values.Any(l => l.Status == "reserved")) => Registering(),
            31 or 32 when Is(auditor.Liens.Values.Any(l => l.Sound)) => Notifying(),
            >= 33 and < 37 when Is(auditor.Liens.Values.Any(l => l.InDefault)) => Enforcing(),
            37 or 38 when Is(auditor.Liens.Values.Any(l => l.InForce)) => Substituting(from),
            39 when random.Next(4) == 0 => Voiding(),
            40 => Freezing(),
            41 when Is(auditor.Stops.Values.Any(s => !s.Lifted)) => Lifting(),
            26 or 30 or 34 or 38 or 42 => (Held(Sale(from)), Party(Exchange.Value)),
            36 or 40 or 44 => Pledging(from),
            > 25 => Stacking(from),
            20 or 21 => Cancelling(from),
            22 => (new CompensateReversal(new CancellationId(Id(0xC0, ++numbers)), Lines(), Grounds(CancellationReason.Reversal)), Authority()),
            23 => (new ExpireUnits(random.Next(10) == 0 ? SchemeId.Of("OTHER") : Bonus, Day.PlusDays(random.Next(6) == 0 ? random.Next(-400, 400) : 0)), Authority()),
            24 => random.Next(5) == 0 ? (Revoke(AnyLine().Voucher), Authority()) : (new CancelRevokedUnits(AnyLine().Voucher), Authority()),
            < 6 => (new TransferUnits(from, AnyAccount(), Lines(), null), Party(auditor.Owners.GetValueOrDefault(from.Value))),
            < 8 => (Sale(from), Party(Exchange.Value)),
            < 11 => Pledging(from),
            < 14 => Releasing(),
            < 15 => (new RetireUnits(new RetirementId(Id(0x80, ++numbers)), from, Lines(), new Beneficiary(null, Document), RetirementPurpose.Other, Year(2021), null), Party(auditor.Owners.GetValueOrDefault(from.Value))),
            < 17 => Lending(),
            < 19 => Repaying(),
            _ => random.Next(3) == 0 ? Closing(from) : (Transfer(from, AnyAccount(), AnyLine()), Party(auditor.Owners.GetValueOrDefault(from.Value))),
        };
    }

    /// <summary>Likely when there is something to do; seldom otherwise.</summary>
    private bool Is(bool there) => there || random.Next(40) == 0;

    /// <summary>Today in the world; it moves.</summary>
    public LocalDate Day { get; set; } = Today;

    /// <summary>Now in the world, on that day.</summary>
    public Instant Now { get; set; } = Noon(Today);

    private static AccountId Account(int number) => new(Id(0x20, number));

    private static OrganizationId Holder(int account) => account switch { 1 or 2 => Forest, 3 or 4 => Group, _ => Bank };

    /// <summary>Now and then the account that waits for the units of a trade.</summary>
    private (Command, Actor) Closing(AccountId account)
    {
        var waiting = auditor.Deals.Values.FirstOrDefault(d => d.Status == "registered");
        account = waiting is not null && random.Next(2) == 0 ? new AccountId(waiting.Buyer) : account;
        return (new CloseAccount(account, null), Party(auditor.Owners.GetValueOrDefault(account.Value)));
    }

    private (Command, Actor) Cancelling(AccountId account)
    {
        var reason = (CancellationReason)random.Next(6);
        var grounds = Grounds(random.Next(10) == 0 ? CancellationReason.Reversal : reason);
        var party = reason == CancellationReason.Exported ? Party(auditor.Owners.GetValueOrDefault(account.Value)) : Authority();
        return (new CancelUnits(new CancellationId(Id(0xC0, ++numbers)), account, Lines(), reason, grounds), party);
    }

    /// <summary>The registrar, but for now and then.</summary>
    private Actor Authority() => random.Next(10) == 0 ? As(Forest) : Registrar;

    private RegisterTrade Sale(AccountId seller)
    {
        var lines = Lines();
        var number = random.Next(6) == 0 && auditor.TradeNumbers.Count > 0 ? auditor.TradeNumbers.First() : $"T-{++numbers}";
        var venue = random.Next(12) == 0 ? Bank : Exchange;
        return new(new TradeId(Id(0x70, ++numbers)), venue, number, seller, AnyAccount(), lines, [.. lines.Select(_ => Price(random.Next(1, 1_000_000) / 10_000m))], random.Next(30) == 0 ? Now + Duration.FromHours(1) : Noon(Today));
    }

    private (Command, Actor) Repaying()
    {
        var loan = AnyLoan();
        var amount = Yuan(random.Next(1, 60_000) / 100m);
        if (auditor.Loans.TryGetValue(loan.Value, out var book) && random.Next(3) == 0)
        {
            amount = Yuan(book.Principal + book.InterestBy(Today)); // near the whole debt: exact on its own day, short or too much on others
        }

        return (new RepayLoan(loan, amount, random.Next(6) == 0 ? Today.PlusDays(random.Next(-5, 400)) : null), Party(book?.Bank ?? Bank.Value));
    }

    private (Command, Actor) Lending()
    {
        var id = new LoanId(Id(0x60, ++numbers));
        loans.Add(id);
        var secured = Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(3) == 0 ? AnyPledge() : Likely(l => l.Sound && l.Loan == Guid.Empty)).Distinct().ToArray();
        var pledgee = secured.Select(p => PledgeeOf(p).Value).FirstOrDefault(Bank.Value);
        var bank = random.Next(10) == 0 ? Group : random.Next(4) == 0 ? SecondBank : new OrganizationId(pledgee);
        var count = random.Next(2) == 0 ? DayCount.Actual360 : DayCount.Actual365;
        return (new OpenLoan(id, bank, Group, Yuan(random.Next(1, 100_000) / 100m), Rate(random.Next(0, 200_000) / 1_000_000m), count, Today.PlusDays(random.Next(-30, 30)), Today.PlusYears(1), secured), Party(bank.Value));
    }

    /// <summary>Mostly the right party, sometimes the registrar, sometimes anybody.</summary>
    private Actor Party(Guid right) => random.Next(10) switch
    {
        0 => Registrar,
        1 => As(new[] { Forest, Group, Exchange, Bank, SecondBank, Stranger }[random.Next(6)]),
        _ => right == Guid.Empty ? Registrar : As(new OrganizationId(right)),
    };

    private AccountId AnyAccount() => random.Next(40) == 0 ? NoAccount : Account(random.Next(1, random.Next(4) == 0 ? Accounts + 1 : Accounts));

    /// <summary>Looks mostly for a free kilogram, so that many of the commands can succeed.</summary>
    private void Aim()
    {
        var isFree = random.Next(6) > 0;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var (voucher, kilograms) = vouchers[random.Next(vouchers.Length)];
            var serial = random.Next(kilograms);
            var cell = auditor.Vouchers[voucher.Value][serial];
            (aimedAccount, aimedUnit) = (new AccountId(cell.Holder), (voucher, serial + 1));
            if (cell.IsFree == isFree && (cell.Holder != auditor.Buffer || random.Next(8) == 0))
            {
                return;
            }
        }
    }

    private LoanId AnyLoan() => loans.Count == 0 || random.Next(30) == 0 ? Debt : loans[random.Next(loans.Count)];

    private Line[] Lines() => [.. Enumerable.Range(0, random.Next(4) == 0 ? random.Next(2, 4) : 1).Select(_ => AnyLine())];

    private Line AnyLine()
    {
        if (random.Next(60) == 0)
        {
            return Line.Of(NoVoucher, Kg(1));
        }

        var isAimed = random.Next(4) > 0;
        var (voucher, kilograms) = isAimed ? vouchers.Single(v => v.Id == aimedUnit.Id) : vouchers[random.Next(vouchers.Length)];
        if (random.Next(5) < 3)
        {
            return Line.Of(voucher, Kg(random.Next(1, random.Next(3) == 0 ? kilograms + 3 : Math.Max(2, kilograms / 12))));
        }

        var first = isAimed ? aimedUnit.Serial : random.Next(1, kilograms + 2);
        var ranges = SerialRanges.Of(SerialRange.Inclusive(first, first + (random.Next(2) * random.Next(0, 4))));
        if (random.Next(4) == 0)
        {
            var second = first + 6 + random.Next(0, 10);
            ranges = SerialRanges.Of(ranges[0], SerialRange.Inclusive(second, second + random.Next(0, 3)));
        }

        return Line.Of(voucher, ranges);
    }
}
