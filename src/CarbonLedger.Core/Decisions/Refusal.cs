using System.Globalization;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Trades;

namespace CarbonLedger.Core.Decisions;

/// <summary>What kind of answer a refusal is; the shell maps each to one HTTP status.</summary>
public enum RefusalKind
{
    /// <summary>The command cannot be right in any state of the register.</summary>
    Invalid,

    /// <summary>The actor may not do this.</summary>
    Forbidden,

    /// <summary>Something that the command names does not exist.</summary>
    NotFound,

    /// <summary>The state of the register stands against it.</summary>
    Conflict,
}

/// <summary>Why a command was refused: one reason, the first that applies in the order of its decision's guards.</summary>
/// <remarks>The cases stand by what they are about, in the order in which guards usually ask.</remarks>
/// <param name="Code">Stable for ever, never reused; its page is <c>/problems/{code}</c>.</param>
/// <param name="Detail">A sentence for people, with numbers and a remedy.</param>
public abstract record Refusal(string Code, RefusalKind Kind, string Detail)
{
    // Who acts.
    public sealed record ActingOrganizationUnknown(OrganizationId Organization)
        : Refusal("acting-organization-unknown", RefusalKind.Forbidden, $"No organization {Organization} is registered, so it cannot act. Register it first, or correct the Acting-Organization header.");

    public sealed record NotAuthorized(Actor Actor, string Act, string ReservedTo)
        : Refusal("not-authorized", RefusalKind.Forbidden, $"{Act} is for {ReservedTo}; {Actor} may not do it.");

    public sealed record NotThePledgee(Actor Actor, PledgeId Pledge)
        : Refusal("not-the-pledgee", RefusalKind.Forbidden, $"This is for the pledgee of pledge {Pledge} alone, and {Actor} is not its pledgee. Ask the pledgee to act.");

    public sealed record NotTheVenue(Actor Actor, TradeId Trade)
        : Refusal("not-the-venue", RefusalKind.Forbidden, $"Only the venue settles or voids trade {Trade}; {Actor} is not its venue. Ask the venue to act.");

    // What the command names.
    public sealed record OrganizationNotFound(OrganizationId Organization)
        : Refusal("organization-not-found", RefusalKind.NotFound, $"No organization {Organization} is registered.");

    public sealed record AccountNotFound(AccountId Account)
        : Refusal("account-not-found", RefusalKind.NotFound, $"No account {Account} exists.");

    public sealed record ProjectNotFound(ProjectId Project)
        : Refusal("project-not-found", RefusalKind.NotFound, $"No project {Project} is registered.");

    public sealed record ApplicationNotFound(ApplicationId Application)
        : Refusal("application-not-found", RefusalKind.NotFound, $"No application {Application} exists.");

    public sealed record VoucherNotFound(VoucherId Voucher)
        : Refusal("voucher-not-found", RefusalKind.NotFound, $"No voucher {Voucher} has been issued.");

    public sealed record PledgeNotFound(PledgeId Pledge)
        : Refusal("pledge-not-found", RefusalKind.NotFound, $"No pledge {Pledge} is registered.");

    public sealed record TradeNotFound(TradeId Trade)
        : Refusal("trade-not-found", RefusalKind.NotFound, $"There is no trade {Trade}.");

    public sealed record FreezeNotFound(FreezeId Freeze)
        : Refusal("freeze-not-found", RefusalKind.NotFound, $"No freeze {Freeze} is recorded.");

    public sealed record LoanNotFound(LoanId Loan)
        : Refusal("loan-not-found", RefusalKind.NotFound, $"No loan {Loan} is registered.");

    public sealed record RetirementNotFound(RetirementId Retirement)
        : Refusal("retirement-not-found", RefusalKind.NotFound, $"No retirement {Retirement} is recorded.");

    public sealed record SchemeNotFound(SchemeId Scheme)
        : Refusal("scheme-not-found", RefusalKind.NotFound, $"No scheme {Scheme} is registered.");

    public sealed record CancellationNotFound(CancellationId Cancellation)
        : Refusal("cancellation-not-found", RefusalKind.NotFound, $"No cancellation {Cancellation} is recorded.");

    // What can never be right.
    public sealed record SameAccount(AccountId Account)
        : Refusal("same-account", RefusalKind.Invalid, $"Account {Account} stands on both sides. Name two different accounts.");

    public sealed record DuplicateVoucherLine(VoucherId Voucher)
        : Refusal("duplicate-voucher-line", RefusalKind.Invalid, $"Voucher {Voucher} stands in two lines. Put its units into one line.");

    public sealed record DateInFuture(string Member, LocalDate Date, LocalDate Today)
        : Refusal("date-in-future", RefusalKind.Invalid, Date == Today
            ? $"{Member} {Date:uuuu-MM-dd} is today in Asia/Shanghai, but the time has not come yet."
            : $"{Member} {Date:uuuu-MM-dd} lies after today, {Today:uuuu-MM-dd} in Asia/Shanghai.");

    public sealed record AmountTooGreat(string What)
        : Refusal("amount-too-great", RefusalKind.Invalid, $"{What} would be more than {Money.AmountMax.ToString("N2", CultureInfo.InvariantCulture)} CNY, the greatest that an amount may be. Split it: trade or sell less at once.");

    // Organizations, accounts, projects.
    public sealed record RegistrationNumberTaken(string Number)
        : Refusal("registration-number-taken", RefusalKind.Conflict, $"An organization with the registration number {Number} is registered already.");

    public sealed record OrganizationLacksRole(OrganizationId Organization, Role Role)
        : Refusal("organization-lacks-role", RefusalKind.Conflict, $"Organization {Organization} does not have the role {Names.Of(Role)}, which this needs.");

    public sealed record AccountClosed(AccountId Account)
        : Refusal("account-closed", RefusalKind.Conflict, $"Account {Account} is closed. Name an open account.");

    public sealed record AccountFrozen(AccountId Account, FreezeId Freeze)
        : Refusal("account-frozen", RefusalKind.Conflict, $"Account {Account} is frozen as a whole (freeze {Freeze}); nothing leaves it until the authority's document lifts that.");

    public sealed record AccountNotEmpty(AccountId Account)
        : Refusal("account-not-empty", RefusalKind.Conflict, $"Account {Account} still holds units. Transfer or retire them first.");

    public sealed record AccountAwaitsDelivery(AccountId Account)
        : Refusal("account-awaits-delivery", RefusalKind.Conflict, $"Account {Account} is the buyer's in a trade that is not settled. Wait until its venue settles or voids it, or its hold ends.");

    // Applications and issuance.
    public sealed record ParcelNotInProject(ProjectId Project, string Parcel)
        : Refusal("parcel-not-in-project", RefusalKind.Conflict, $"Parcel {Parcel} does not belong to project {Project}.");

    public sealed record ApplicationNotInState(ApplicationId Application, ApplicationStatus Status, string Act)
        : Refusal("application-not-in-state", RefusalKind.Conflict, $"Application {Application} is {Names.Of(Status)}; {Act} is not possible then.");

    public sealed record ParcelAlreadyCovered(string Parcel, DatePeriod Period, VoucherId Voucher)
        : Refusal("parcel-already-covered", RefusalKind.Conflict, $"Parcel {Parcel} is covered for {Period} by voucher {Voucher}. The next period of a parcel is a new voucher; an overlapping one is never issued.");

    public sealed record ParcelCoveredMeanwhile()
        : Refusal("parcel-already-covered", RefusalKind.Conflict, "Another voucher covers one of the parcels for an overlapping monitoring period.");

    public sealed record PrintedNumberTaken(string PrintedNumber)
        : Refusal("printed-number-taken", RefusalKind.Conflict, $"A voucher with the printed number {PrintedNumber} exists already.");

    public sealed record IssuancesExhausted(ProjectId Project, int Vintage)
        : Refusal("issuances-exhausted", RefusalKind.Conflict, $"Project {Project} has 99 issuances of vintage {Vintage}, the most that a serial can number.");

    // Units.
    public sealed record SerialsBeyondVoucher(VoucherId Voucher, SerialRange Range, Kilograms Issued)
        : Refusal("serials-beyond-voucher", RefusalKind.Conflict, $"Serials {Range} reach beyond voucher {Voucher}, which has serials 1–{Issued.Value}.");

    public sealed record UnitsNotHeld(VoucherId Voucher, AccountId Account, SerialRange Range)
        : Refusal("units-not-held", RefusalKind.Conflict, $"Serials {Range} of voucher {Voucher} are not held by account {Account}, or are no longer live.");

    public sealed record InsufficientUnits(VoucherId Voucher, Kilograms Asked, Kilograms Owned)
        : Refusal("insufficient-units", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} were asked for, {Owned} are owned.");

    public sealed record UnitsUnderLien(VoucherId Voucher, Kilograms Asked, Kilograms Free, PledgeId Pledge)
        : Refusal("units-under-lien", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} were asked for, {Free} of them are free; the rest is under pledge {Pledge}. Ask the pledgee to release it, or name free units; a reservation whose time is over ends within about a second.");

    public sealed record UnitsFrozen(VoucherId Voucher, Kilograms Asked, Kilograms Free)
        : Refusal("units-frozen", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} were asked for, {Free} of them are free; the rest is frozen by a court or a regulator. Only that authority's document lifts a freeze; name free units.");

    public sealed record UnitsLocked(VoucherId Voucher, Kilograms Asked, Kilograms Free)
        : Refusal("units-locked", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} were asked for, {Free} of them are free; the rest is under the settlement hold of a trade. Wait until its venue settles or voids it, or name free units; a hold whose time is over ends within about a second.");

    public sealed record TooManyRanges(VoucherId Voucher, Kilograms Asked)
        : Refusal("too-many-ranges", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} lie in more than {Vouchers.Units.PiecesPerLineMax} pieces. Ask for less at once.");

    public sealed record UnitsNotLive(VoucherId Voucher, SerialRange Range)
        : Refusal("units-not-live", RefusalKind.Conflict, $"Serials {Range} of voucher {Voucher} are retired, cancelled or expired, at least in part; nothing can lie on them.");

    public sealed record InsufficientLiveUnits(VoucherId Voucher, Kilograms Asked, Kilograms There)
        : Refusal("insufficient-live-units", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} were asked for, {There} are live and not frozen.");

    /// <param name="OfFreezes">True where freezes find no room; they are counted by themselves, and pledges never keep one off.</param>
    public sealed record TooManyLocks(string What, bool OfFreezes = false)
        : Refusal("too-many-locks", RefusalKind.Conflict, OfFreezes
            ? $"{What} carries {Vouchers.Locks.FreezesPerUnitMax} freezes, the most there may be. Lift one first."
            : $"{What} has no room for it: a kilogram carries at most {Vouchers.Locks.LocksPerUnitMax} pledges. Have one released first.");

    // Freezes.
    public sealed record FreezeLifted(FreezeId Freeze, string DocumentNumber)
        : Refusal("freeze-lifted", RefusalKind.Conflict, $"Freeze {Freeze} was lifted by document {DocumentNumber}.");

    public sealed record AuthorityDiffers(FreezeId Freeze, string Authority, string Given)
        : Refusal("authority-differs", RefusalKind.Conflict, $"Freeze {Freeze} was ordered by {Authority}; a document of {Given} does not lift it.");

    // Schemes, cancellation, revocation.
    public sealed record CancellationGrounds(CancellationReason Reason, string Rule)
        : Refusal("cancellation-grounds", RefusalKind.Invalid, $"A cancellation for {Names.Of(Reason)} {Rule}.");

    public sealed record SchemeRegistered(SchemeId Scheme)
        : Refusal("scheme-registered", RefusalKind.Conflict, $"Scheme {Scheme} is registered already.");

    public sealed record BufferAccount(AccountId Account, SchemeId Scheme)
        : Refusal("buffer-account", RefusalKind.Conflict, $"Account {Account} keeps the buffer of scheme {Scheme}. Its units are there to make reversals good: they are cancelled, and neither moved, pledged nor retired.");

    public sealed record SchemeHasNoBuffer(SchemeId Scheme)
        : Refusal("scheme-has-no-buffer", RefusalKind.Conflict, $"Scheme {Scheme} keeps no buffer in this register. Cancel the struck units in the accounts that hold them.");

    public sealed record SchemeDiffers(VoucherId Voucher, SchemeId Scheme, SchemeId Other)
        : Refusal("scheme-differs", RefusalKind.Conflict, $"Voucher {Voucher} is of scheme {Scheme}, the lines before it are of {Other}. One buffer makes good what was struck under one scheme; send one request for each.");

    public sealed record BufferShort(SchemeId Scheme, Kilograms Asked, Kilograms There)
        : Refusal("buffer-short", RefusalKind.Conflict, $"{Asked} were struck, the buffer of scheme {Scheme} has {There} free. Compensate that much, and cancel the rest in the accounts that hold it.");

    public sealed record SchemeHasLifetime(SchemeId Scheme, int Years)
        : Refusal("scheme-has-lifetime", RefusalKind.Conflict, $"Units of scheme {Scheme} live {Years} years; its expiry runs record their end. Cancel for expiry only what the register does not compute.");

    public sealed record SchemeHasNoLifetime(SchemeId Scheme)
        : Refusal("scheme-has-no-lifetime", RefusalKind.Conflict, $"Units of scheme {Scheme} do not expire.");

    public sealed record NothingExpires(SchemeId Scheme, LocalDate Date)
        : Refusal("nothing-expires", RefusalKind.Conflict, $"No free unit of scheme {Scheme} has come to the end of its lifetime on {Date:uuuu-MM-dd}. Locked ones wait until their locks end.");

    public sealed record VoucherRevoked(VoucherId Voucher)
        : Refusal("voucher-revoked", RefusalKind.Conflict, $"Voucher {Voucher} was revoked. Its units no longer move; what becomes free of them is cancelled.");

    public sealed record VoucherNotRevoked(VoucherId Voucher)
        : Refusal("voucher-not-revoked", RefusalKind.Conflict, $"Voucher {Voucher} is not revoked.");

    public sealed record NothingToCancel(VoucherId Voucher)
        : Refusal("nothing-to-cancel", RefusalKind.Conflict, $"No unit of the revoked voucher {Voucher} is free, and no claim is left to flag. Locked ones wait until their locks end.");

    // Trades.
    public sealed record TradeNumberTaken(OrganizationId Venue, string Number)
        : Refusal("trade-number-taken", RefusalKind.Conflict, $"Venue {Venue} has registered its trade number {Number} already.");

    public sealed record HoldTimeOutOfRange(Instant Until, Instant Now)
        : Refusal("hold-time-out-of-range", RefusalKind.Invalid, $"A hold ends after now, {Now}, and at most {RegisterTrade.HoldMax.Days} days later; {Until} does not.");

    public sealed record TradeNotOpen(TradeId Trade, TradeStatus Status, string Act)
        : Refusal("trade-not-open", RefusalKind.Conflict, $"Trade {Trade} is {Names.Of(Status)}; {Act} is not possible then.");

    public sealed record HoldExpired(TradeId Trade, Instant Until)
        : Refusal("hold-expired", RefusalKind.Conflict, $"The hold of trade {Trade} ended at {Until}; its units are the seller's. Register a new trade.");

    // Pledges.
    public sealed record PledgeNotInForce(PledgeId Pledge, PledgeStatus Status)
        : Refusal("pledge-not-in-force", RefusalKind.Conflict, $"Pledge {Pledge} is {Names.Of(Status)}.");

    public sealed record PledgeNotInState(PledgeId Pledge, PledgeStatus Status, string Act)
        : Refusal("pledge-not-in-state", RefusalKind.Conflict, $"Pledge {Pledge} is {Names.Of(Status)}; {Act} is not possible then.");

    public sealed record ReservationTimeOutOfRange(Instant Until, Instant Now)
        : Refusal("reservation-time-out-of-range", RefusalKind.Invalid, $"A reservation ends after now, {Now}, and at most {RegisterPledge.ReservationMax.Days} days later; {Until} does not.");

    public sealed record ReservationExpired(PledgeId Pledge, Instant Until)
        : Refusal("reservation-expired", RefusalKind.Conflict, $"The reservation of pledge {Pledge} ended at {Until}. Register a new pledge.");

    public sealed record NothingSecured(PledgeId Pledge, LoanId? Loan)
        : Refusal(
            "nothing-secured",
            RefusalKind.Conflict,
            Loan is { } loan
                ? $"Loan {loan} owes nothing today that pledge {Pledge} secures, so there is no default to enforce it for. Release the pledge, or wait until something is owed."
                : $"Nothing is left of the amount that pledge {Pledge} secures, so there is no default to enforce it for. Release the pledge.");

    public sealed record NoticeBeforeTerm(PledgeId Pledge, LocalDate Date, LocalDate First)
        : Refusal("notice-before-term", RefusalKind.Conflict, $"The term of pledge {Pledge} begins on {First:uuuu-MM-dd}; a default notice of {Date:uuuu-MM-dd} lies before it, when nothing could be in default. Correct the date.");

    public sealed record DefaultNotNotified(PledgeId Pledge)
        : Refusal("default-not-notified", RefusalKind.Conflict, $"No default notice is recorded for pledge {Pledge}. Record it first; then the pledge can be enforced.");

    public sealed record EnforcementIncomplete(PledgeId Pledge)
        : Refusal("enforcement-incomplete", RefusalKind.Invalid, $"An enforcement of pledge {Pledge} names the buyer's account and the price per tonne.");

    public sealed record BuyerIsThePledgor(PledgeId Pledge, AccountId Buyer, OrganizationId Pledgor)
        : Refusal("buyer-is-the-pledgor", RefusalKind.Conflict, $"Account {Buyer} belongs to organization {Pledgor}, the pledgor of pledge {Pledge}. Sell to somebody else, or release the pledge.");

    public sealed record NoForfeiture(PledgeId Pledge)
        : Refusal("no-forfeiture", RefusalKind.Conflict, $"The buyer is the lender of pledge {Pledge}. Units go to the lender only by agreement and not below the market reference price: use the method toLender (Civil Code art. 428).");

    public sealed record BuyerNotTheLender(PledgeId Pledge, AccountId Buyer)
        : Refusal("buyer-not-the-lender", RefusalKind.Conflict, $"The method toLender sells to the lender of pledge {Pledge}, and account {Buyer} is not the lender's.");

    public sealed record NoMarketPrice(PledgeId Pledge)
        : Refusal("no-market-price", RefusalKind.Conflict, $"No reference price is published, so the units of pledge {Pledge} cannot go to the lender. Sell them, or have a venue publish a price.");

    public sealed record PriceBelowMarket(PledgeId Pledge, PricePerTonne Price, PricePerTonne Market, LocalDate Date)
        : Refusal("price-below-market", RefusalKind.Conflict, $"{Price} CNY per tonne is below the reference price of {Date:uuuu-MM-dd}, {Market} CNY. The lender takes the units of pledge {Pledge} at that price or above.");

    public sealed record ReleaseExceedsPledge(PledgeId Pledge, VoucherId Voucher, Kilograms Asked, Kilograms Pledged)
        : Refusal("release-exceeds-pledge", RefusalKind.Conflict, $"{Asked} of voucher {Voucher} were to be released or named; pledge {Pledge} has {Pledged} of it. Name no more than that, and only serials that are under it.");

    // Loans.
    public sealed record PledgeOfAnotherLender(PledgeId Pledge, OrganizationId Bank)
        : Refusal("pledge-of-another-lender", RefusalKind.Conflict, $"Pledge {Pledge} is not in favour of bank {Bank}, so it cannot secure its loan.");

    public sealed record PledgeSecuresLoan(PledgeId Pledge, LoanId Loan)
        : Refusal("pledge-secures-loan", RefusalKind.Conflict, $"Pledge {Pledge} secures loan {Loan} already. One pledge secures one loan.");

    public sealed record LoanRepaid(LoanId Loan)
        : Refusal("loan-repaid", RefusalKind.Conflict, $"Loan {Loan} is repaid in full.");

    public sealed record DateBeforeLastEntry(LoanId Loan, LocalDate Date, LocalDate Last)
        : Refusal("date-before-last-entry", RefusalKind.Conflict, $"{Date:uuuu-MM-dd} lies before the last entry of loan {Loan}, {Last:uuuu-MM-dd}; interest is settled up to there.");

    public sealed record RepaymentExceedsOutstanding(LoanId Loan, Money Amount, Money Outstanding)
        : Refusal("repayment-exceeds-outstanding", RefusalKind.Conflict, $"{Amount} CNY are more than the {Outstanding} CNY outstanding on loan {Loan}.");

    // Collateral policies and margin.
    public sealed record LoanToValueAboveLimit(OrganizationId Bank, Money Outstanding, Money CollateralValue, decimal MaxLoanToValue)
        : Refusal("loan-to-value-above-limit", RefusalKind.Conflict, $"{Outstanding} CNY of principal and interest to today, against collateral worth {CollateralValue} CNY, pass bank {Bank}'s own limit of {MaxLoanToValue}. Lend less, take more collateral, or give an override with its reason.");

    public sealed record TooManyRateChanges(LoanId Loan)
        : Refusal("too-many-rate-changes", RefusalKind.Conflict, $"{Loans.ChangeRate.RateStepsMax} rates of loan {Loan} begin after its last entry, the most that may wait. A repayment takes in those before it.");

    public sealed record TooManyCosts(LoanId Loan, Money Unpaid)
        : Refusal("too-many-costs", RefusalKind.Conflict, $"{Unpaid} CNY of costs are unpaid on loan {Loan}; at most {Loans.ChargeCost.UnpaidMax} CNY may be.");

    public sealed record TooManyPledges(LoanId Loan)
        : Refusal("too-many-pledges", RefusalKind.Conflict, $"{Loans.OpenLoan.PledgesMax} pledges secure loan {Loan}, the most that may.");

    public sealed record NoCollateralPolicy(OrganizationId Bank)
        : Refusal("no-collateral-policy", RefusalKind.Conflict, $"Bank {Bank} has set no collateral policy, so there is no level to hold its loans against. Set one first.");

    // Retirements.
    public sealed record BeneficiaryNotAName(RetirementId Retirement)
        : Refusal("beneficiary-not-a-name", RefusalKind.Conflict, $"The beneficiary of retirement {Retirement} is an organization of the register, not a name that stands outside the log. There is nothing to erase.");

    public sealed record BeneficiaryErased(RetirementId Retirement)
        : Refusal("beneficiary-erased", RefusalKind.Conflict, $"The name of the beneficiary of retirement {Retirement} was erased already.");

    // Several commands at once.
    public sealed record RowRefused(int Row, string RowCode, string RowDetail)
        : Refusal("row-refused", RefusalKind.Conflict, $"Row {Row} is refused ({RowCode}), so nothing of the whole was done: {RowDetail}.".Replace("..", ".", StringComparison.Ordinal));

    // Factors, inventories and estimates.
    public sealed record ActivityUnknown(string Activity)
        : Refusal("activity-unknown", RefusalKind.Invalid, $"No factor is published for the activity {Activity}. Name one of the factor library, or give a factor of your own with its reason.");

    public sealed record UnitUnknown(string Unit)
        : Refusal("unit-unknown", RefusalKind.Invalid, $"The unit {Unit} is not known. The units are {string.Join(", ", Factors.UnitOfMeasure.Names)}.");

    public sealed record UnitNotConvertible(string Unit, string FactorUnit, string Activity)
        : Refusal("unit-not-convertible", RefusalKind.Invalid, $"{Unit} does not convert exactly into {FactorUnit}, the unit of the factor for {Activity}. Litres of a fuel need a density; give every other quantity in a unit of the same kind.");

    public sealed record RegionUnknown(string Region)
        : Refusal("region-unknown", RefusalKind.Invalid, $"{Region} is no region of the factor library. Give a GB/T 2260 code of six digits, a province's Chinese name, a grid region such as 西北, or CN.");

    public sealed record QuantityNegative(int Line, decimal Quantity)
        : Refusal("quantity-negative", RefusalKind.Invalid, $"lines[{Line}].quantity is {Quantity}; a quantity is 0 or more.");

    public sealed record FactorOfAnotherRegion(string Region, string FactorRegion)
        : Refusal("factor-of-another-region", RefusalKind.Invalid, $"The activity is in {Region}, the factor named is that of {FactorRegion}. Say why in factorReason, or leave factorRegion out.");

    public sealed record EmissionsOutOfRange()
        : Refusal("emissions-out-of-range", RefusalKind.Invalid, $"The lines add up to more than {Inventories.Inventory.EmissionsKilogramsMax} kg. Check their quantities and units.");

    public sealed record EmissionFactorNotFound(string What)
        : Refusal("emission-factor-not-found", RefusalKind.NotFound, $"The factor library has no row for {What}.");

    public sealed record FactorAlreadyPublished(string Activity, string Region, int? Year, string Publication)
        : Refusal("factor-already-published", RefusalKind.Conflict, $"The library has the factor for {Activity} in {Region}, {Year?.ToString() ?? "any year"}, of the publication {Publication} already. It is never changed; name the later publication.");

    public sealed record InventoryNotFound(InventoryId Inventory)
        : Refusal("inventory-not-found", RefusalKind.NotFound, $"No inventory {Inventory} is recorded, or not in the version asked for.");

    public sealed record CertificateCountedAlready(string Certificate)
        : Refusal("certificate-counted-already", RefusalKind.Conflict, $"The green certificate {Certificate} is counted in another inventory. Each counts once in the register.");

    public sealed record CertificatesExceedElectricity(int Certificates, decimal KilowattHours)
        : Refusal("certificates-exceed-electricity", RefusalKind.Conflict, $"{Certificates} green certificates stand for {Certificates * 1000L} kWh, the inventory has {KilowattHours} kWh of grid electricity. Name no more than it uses.");

    public sealed record CalibrationImpossible(string Reason)
        : Refusal("calibration-impossible", RefusalKind.Invalid, $"These periods give no line: {Reason}.");

    public sealed record CalibrationNotFound(CalibrationId Calibration)
        : Refusal("calibration-not-found", RefusalKind.NotFound, $"No calibration {Calibration} is recorded.");

    // Claims.
    public sealed record ClaimNotFound(ClaimId Claim)
        : Refusal("claim-not-found", RefusalKind.NotFound, $"No claim {Claim} is recorded.");

    public sealed record DuplicateRetirement(RetirementId Retirement)
        : Refusal("duplicate-retirement", RefusalKind.Invalid, $"Retirement {Retirement} is named twice. Name it once.");

    public sealed record InventoryAlreadyClaimed(InventoryId Inventory, ClaimId Claim)
        : Refusal("inventory-already-claimed", RefusalKind.Conflict, $"Claim {Claim} is about inventory {Inventory} already. Top it up, or withdraw it first.");

    public sealed record RetirementOfAnotherBeneficiary(RetirementId Retirement, OrganizationId Organization)
        : Refusal("retirement-of-another-beneficiary", RefusalKind.Conflict, $"Retirement {Retirement} was not made in favour of organization {Organization}, so it cannot back its claim.");

    public sealed record VintageAfterClaimPeriod(RetirementId Retirement, VoucherId Voucher, LocalDate VintageEnds, LocalDate PeriodEnds)
        : Refusal("vintage-after-claim-period", RefusalKind.Conflict, $"Retirement {Retirement} has units of voucher {Voucher}, whose monitoring period ends on {VintageEnds:uuuu-MM-dd}, after the claim's period ends on {PeriodEnds:uuuu-MM-dd}. Retire units of an earlier vintage.");

    public sealed record RetirementAlreadyClaimed(RetirementId Retirement)
        : Refusal("retirement-already-claimed", RefusalKind.Conflict, $"Every kilogram of retirement {Retirement} backs a claim already. Each retired kilogram backs one claim.");

    public sealed record RetirementOfRevokedVoucher(RetirementId Retirement, VoucherId Voucher)
        : Refusal("retirement-of-revoked-voucher", RefusalKind.Conflict, $"Voucher {Voucher} was revoked, and what retirement {Retirement} has free is of it or of other revoked vouchers. Retire units of a voucher that stands.");

    public sealed record RetirementClaimedMeanwhile()
        : Refusal("retirement-already-claimed", RefusalKind.Conflict, "A kilogram of one of the retirements backs another claim already. Each retired kilogram backs one claim.");

    public sealed record ClaimShortOfEmissions(Kilograms Retired, Kilograms Emissions)
        : Refusal("claim-short-of-emissions", RefusalKind.Conflict, $"{Retired} are retired for this claim, the inventory has {Emissions}. Retire {Math.Max(0, Emissions.Value - Retired.Value)} kg more first.");

    public sealed record ClaimNotInState(ClaimId Claim, ClaimStatus Status, string Act)
        : Refusal("claim-not-in-state", RefusalKind.Conflict, $"Claim {Claim} is {Names.Of(Status)}; {Act} is not possible then.");

    public sealed record VoucherNotInClaim(ClaimId Claim, VoucherId Voucher)
        : Refusal("voucher-not-in-claim", RefusalKind.Conflict, $"No unit of voucher {Voucher} backs claim {Claim}, or it is flagged already.");
}
