namespace CarbonLedger.Core.Tests;

/// <summary>The parties of the specs, their accounts, and short words for what they do.</summary>
internal static class World
{
    public static readonly OrganizationId Forest = Organization(1);
    public static readonly OrganizationId Group = Organization(2);
    public static readonly OrganizationId Verifier = Organization(3);
    public static readonly OrganizationId Exchange = Organization(4);
    public static readonly OrganizationId Bank = Organization(5);
    public static readonly OrganizationId SecondBank = Organization(6);
    public static readonly OrganizationId Stranger = Organization(7);
    public static readonly OrganizationId Bureau = Organization(8);

    /// <summary>An organization, account, voucher and so on that nobody entered.</summary>
    public static readonly OrganizationId NoOrganization = Organization(99);
    public static readonly AccountId NoAccount = new(Id(0x20, 99));
    public static readonly VoucherId NoVoucher = new(Id(0x40, 99));

    /// <summary>The account of <see cref="Forest"/>, to which vouchers are issued.</summary>
    public static readonly AccountId Owner = new(Id(0x20, 1));

    /// <summary>The account of <see cref="Group"/>.</summary>
    public static readonly AccountId Buyer = new(Id(0x20, 2));

    /// <summary>The account of <see cref="Stranger"/>.</summary>
    public static readonly AccountId Other = new(Id(0x20, 3));

    public static readonly ProjectId Woods = new(Id(0x30, 1));
    public static readonly VoucherId FirstVoucher = new(Id(0x40, 1));
    public static readonly VoucherId SecondVoucher = new(Id(0x40, 2));
    public static readonly PledgeId Lien = new(Id(0x50, 1));
    public static readonly PledgeId SecondLien = new(Id(0x50, 2));
    public static readonly LoanId Debt = new(Id(0x60, 1));
    public static readonly LoanId SecondDebt = new(Id(0x60, 2));
    public static readonly TradeId Deal = new(Id(0x70, 1));
    public static readonly RetirementId Use = new(Id(0x80, 1));

    public static readonly CancellationId Removal = new(Id(0xC0, 1));
    public static readonly CancellationId SecondRemoval = new(Id(0xC0, 2));

    /// <summary>The scheme of <see cref="Woods"/>; it is not registered unless a step does so.</summary>
    public static readonly SchemeId Bonus = SchemeId.Of("SLCT");

    public static readonly FreezeId Stop = new(Id(0xB0, 1));
    public static readonly FreezeId SecondStop = new(Id(0xB0, 2));
    public static readonly InventoryId Office = new(Id(0xE1, 1));
    public static readonly ClaimId ZeroCarbon = new(Id(0xE2, 1));
    public static readonly CalibrationId Fit = new(Id(0xD0, 1));
    public static readonly Boundary Centre = new(BoundaryKind.Building, "Business centre, building 1");
    public static readonly EmissionFactor GansuNext = new("gridElectricity", "620000", 2023, 0.46m, "kWh", "CO2", Calibre.LocationBased, "publisher", "announcement", "primary");

    public static readonly Actor Registrar = Actor.Registrar;
    public static readonly IReadOnlyList<Parcel> Parcels = [new Parcel("620171-001", 5000m), new Parcel("620171-002", 6700.5m)];
    public static readonly LocalDate Today = new(2021, 9, 15);
    public static readonly string Document = new('a', 64);

    /// <summary>An id that can be read in a failure message: what it is of, and its number.</summary>
    public static Guid Id(int kind, int number) => new(0x0192_0000 + kind, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, (byte)(number >> 8), (byte)(number & 0xFF));

    public static OrganizationId Organization(int number) => new(Id(0x10, number));

    public static ApplicationId Form(int number) => new(Id(0x90, number));

    public static Kilograms Kg(long kilograms) => Kilograms.FromKilograms(kilograms);

    public static Money Yuan(decimal amount) => Money.Exactly(amount)!.Value;

    public static PricePerTonne Price(decimal amount) => PricePerTonne.Exactly(amount)!.Value;

    public static AnnualRate Rate(decimal ratio) => AnnualRate.Exactly(ratio)!.Value;

    public static SerialRanges Serials(params (long First, long Last)[] ranges) => SerialRanges.Of(ranges.Select(r => SerialRange.Inclusive(r.First, r.Last)));

    public static SerialRange Range(long first, long last) => SerialRange.Inclusive(first, last);

    public static Instant Noon(LocalDate date) => date.At(new LocalTime(12, 0)).InZoneStrictly(RegistryCalendar.Zone).ToInstant();

    public static DatePeriod Year(int year) => new(new LocalDate(year, 1, 1), new LocalDate(year, 12, 31));

    public static Actor As(OrganizationId organization) => new(organization, false);

    /// <summary>The registrar as an organization of the register: an organization with that role.</summary>
    public static Actor AsBureau => new(Bureau, true);

    public static Line All(long kilograms, VoucherId? voucher = null) => Line.Of(voucher ?? FirstVoucher, Kg(kilograms));

    public static Line Named(long first, long last, VoucherId? voucher = null) => Line.Of(voucher ?? FirstVoucher, Serials((first, last)));

    /// <summary>The commands, with everything that a rule does not speak of filled in.</summary>
    public static TransferUnits Transfer(AccountId from, AccountId to, params Line[] lines) => new(from, to, lines, "by agreement");

    public static RetireUnits Retire(AccountId account, params Line[] lines) =>
        new(Use, account, lines, new Beneficiary(Stranger, null), RetirementPurpose.CarbonNeutralOperation, Year(2021), null);

    public static RegisterPledge Encumber(AccountId pledgor, OrganizationId pledgee, PledgeId? pledge = null, params Line[] lines) =>
        new(pledge ?? Lien, pledgor, pledgee, lines, Yuan(495_000), "LZXQ-2021-1", "F-1", new DatePeriod(Today, Today.PlusYears(1)), new Valuation(Price(41.94m), "exchange", Today));

    public static RegisterPledge EncumberRanked(AccountId pledgor, OrganizationId pledgee, PledgeId pledge, decimal secured, params Line[] lines) =>
        Encumber(pledgor, pledgee, pledge, lines) with { Mode = PledgeMode.Ranked, SecuredAmount = Yuan(secured) };

    public static NotifyDefault Notify(PledgeId? pledge = null) => new(pledge ?? Lien, null, "not repaid");

    public static EnforcePledge Enforce(AccountId buyer, decimal price, decimal costs = 0, PledgeId? pledge = null, params Line[] lines) =>
        new(pledge ?? Lien, lines.Length == 0 ? null : lines, EnforcementMethod.Auction, buyer, Price(price), Yuan(costs), null, "auction");

    public static ReleasePledge Release(params Line[] lines) => new(Lien, lines.Length == 0 ? null : lines, ReleaseReason.Repaid);

    public static OrderFreeze FreezeUnits(FreezeId? freeze = null, params Line[] lines) =>
        new(freeze ?? Stop, null, lines, FreezeKind.Judicial, "court", "D-1", null);

    public static OrderFreeze FreezeAccount(AccountId account, FreezeId? freeze = null) =>
        new(freeze ?? Stop, account, null, FreezeKind.Administrative, "bureau", "D-2", "inquiry");

    public static LiftFreeze Lift(FreezeId? freeze = null, string authority = "court") => new(freeze ?? Stop, authority, "D-9", null);

    /// <summary>Complete grounds for the reason, and nothing else.</summary>
    public static CancellationGrounds Grounds(CancellationReason reason) => reason switch
    {
        CancellationReason.ErrorCorrection or CancellationReason.OverIssuance => new("measured twice", null, null, null),
        CancellationReason.Reversal => new(null, new Paper("FIRE-1", null), Today.PlusDays(-1), null),
        CancellationReason.Exported => new(null, null, null, new Destination("another register", "R-1")),
        CancellationReason.CourtOrder or CancellationReason.Expiry => new(null, new Paper("D-1", Document), null, null),
    };

    public static CancelUnits Cancel(AccountId account, CancellationReason reason, params Line[] lines) => new(Removal, account, lines, reason, Grounds(reason));

    public static CompensateReversal Compensate(params Line[] lines) => new(Removal, lines, Grounds(CancellationReason.Reversal));

    public static RegisterScheme Enter(string code = "SLCT", decimal? share = null, AccountId? buffer = null, int? years = null) =>
        new(code, "scheme", share is { } s ? new SchemeBuffer(s, buffer ?? Other) : null, years);

    public static RevokeVoucher Revoke(VoucherId? voucher = null) => new(voucher ?? FirstVoucher, "forged", new Paper("D-3", null));

    public static RegisterTrade Sell(AccountId seller, AccountId buyer, params Line[] lines) =>
        new(Deal, Exchange, "T-1", seller, buyer, lines, [.. lines.Select(_ => Price(41.94m))], Noon(Today));

    public static OpenLoan Lend(decimal principal = 100_000, decimal rate = 0.0435m, DayCount count = DayCount.Actual360, params PledgeId[] pledges) =>
        new(Debt, Bank, Group, Yuan(principal), Rate(rate), count, Today, Today.PlusYears(1), pledges);

    public static DraftApplication Draft(int form, int year = 2020, long kilograms = 100) =>
        new(Form(form), Woods, null, Year(year), Kg(kilograms), new Verification(Verifier, Today.PlusDays(-1), Document));

    public static CorrectApplication Correct(int form, int year = 2020, long kilograms = 90) =>
        new(Form(form), null, Year(year), Kg(kilograms), new Verification(Verifier, Today.PlusDays(-1), Document));

    public static AdvanceApplication Advance(int form, ApplicationStep step) => new(Form(form), step, null);

    /// <summary>A line as an organization gives it, with nothing said about the factor.</summary>
    public static ActivityLine Used(string activity, decimal quantity, string unit, string? region = null) =>
        new(activity, region, null, quantity, unit, null, null, null, null, null, null, null);

    /// <summary>So many kilograms of scope 1 exactly: a factor of 1 that is the line's own.</summary>
    public static ActivityLine Emitted(decimal kilograms) =>
        new("combustion", null, null, kilograms, "kg", 1, null, null, GansuNext with { Activity = "combustion", Region = "CN", KilogramsPerUnit = 1, Unit = "kg" }, "measured", null, null);

    public static InventoryDraft Lines(params ActivityLine[] lines) => new(Scope2Method.LocationBased, lines, []);

    public static RecordInventory Counted(params ActivityLine[] lines) => new(Office, Stranger, Centre, Year(2021), Lines(lines));

    public static RestateInventory Restate(params ActivityLine[] lines) => new(Office, Lines(lines), "corrected");

    public static MakeClaim Back(params RetirementId[] retirements) => new(ZeroCarbon, Office, retirements);

    /// <summary>A voucher, by its whole way from draft to issue. The first in a ledger covers 2000, the next 2001, and so on.</summary>
    public static Step Issued(long kilograms, AccountId? to = null, VoucherId? voucher = null) => ledger =>
    {
        var number = ledger.NextNumber();
        Filed(1000 + number, 1999 + number, kilograms)(ledger);
        ledger.Do(new IssueVoucher(Form(1000 + number), voucher ?? FirstVoucher, to ?? Owner, null), Registrar);
    };

    public static Step Filed(int form, int year = 2020, long kilograms = 100) => ledger =>
    {
        ledger.Do(Draft(form, year, kilograms), As(Forest));
        ledger.Do(Advance(form, ApplicationStep.Submit), As(Forest));
        foreach (var step in new[] { ApplicationStep.Review, ApplicationStep.Approve, ApplicationStep.File })
        {
            ledger.Do(Advance(form, step), Registrar);
        }
    };

    public static Step Done(Command command, Actor? by = null) => ledger => ledger.Do(command, by ?? Registrar);

    public static Step Pledged(long kilograms, AccountId by, OrganizationId to, PledgeId? pledge = null, VoucherId? voucher = null) =>
        Done(Encumber(by, to, pledge, All(kilograms, voucher)));

    public static Step Transferred(AccountId from, AccountId to, params Line[] lines) => Done(Transfer(from, to, lines));

    public static Step Retired(AccountId account, params Line[] lines) => Done(Retire(account, lines));

    /// <summary>Units retired in favour of a name that stands outside the log.</summary>
    public static Step RetiredForName(AccountId account, params Line[] lines) => Done(Retire(account, lines) with { Beneficiary = new Beneficiary(null, Document) });

    public static Step Released(params Line[] lines) => Done(Release(lines), As(Bank));

    public static Step Closed(AccountId account) => Done(new CloseAccount(account, null));

    public static Step On(LocalDate date) => ledger => ledger.Now = Noon(date);

    public static void Enter(Ledger ledger)
    {
        Organize(ledger, Forest, Role.ProjectOwner);
        Organize(ledger, Group, Role.Office);
        Organize(ledger, Verifier, Role.Verifier);
        Organize(ledger, Exchange, Role.Exchange);
        Organize(ledger, Bank, Role.Bank);
        Organize(ledger, SecondBank, Role.Bank, Role.Insurer);
        Organize(ledger, Stranger, Role.Office, Role.Auditor);
        Organize(ledger, Bureau, Role.Registrar);
        ledger.Do(new OpenAccount(Owner, Forest, "forest"), Registrar);
        ledger.Do(new OpenAccount(Buyer, Group, "group"), Registrar);
        ledger.Do(new OpenAccount(Other, Stranger, "stranger"), Registrar);
        ledger.Do(new RegisterProject(Woods, "Woods", "SLCT", Forest, "620171", "GS-FORESTRY-01", Parcels), Registrar);
    }

    private static void Organize(Ledger ledger, OrganizationId organization, params Role[] roles) =>
        ledger.Do(new RegisterOrganization(organization, $"organization {organization}", null, roles), Registrar);
}
