using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Retirements;

public sealed class RetireUnitsSpec
{
    [Fact]
    public void Retired_units_are_used_for_ever()
    {
        var ledger = Given(Issued(100))
            .When(Retire(Owner, All(30)), As(Forest))
            .ThenAccepted(
                new RetirementEvent.RetirementRecorded(
                    Use, Owner, [new(FirstVoucher, Serials((1, 30)))], new Beneficiary(Stranger, null), RetirementPurpose.CarbonNeutralOperation, Year(2021), null),
                new VoucherEvent.UnitsRetired(FirstVoucher, Use, Owner, Serials((1, 30))))
            .ThenHolds(Owner, owned: 70, free: 70);

        Assert.Equal([UnitStatus.Retired, UnitStatus.Live], ledger.Register.Units(FirstVoucher)!.Pieces.Select(p => p.Status));
    }

    [Fact]
    public void Pledged_units_cannot_be_retired() =>
        Given(Issued(100, to: Owner), Pledged(60, by: Owner, to: Bank))
            .When(Retire(Owner, All(50)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(50), Kg(40), Lien));

    [Fact]
    public void Named_pledged_units_cannot_be_retired() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank))
            .When(Retire(Owner, Named(60, 61)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(2), Kg(1), Lien));

    [Fact]
    public void The_free_rest_can_be_retired() =>
        Given(Issued(100), Pledged(60, by: Owner, to: Bank)).When(Retire(Owner, All(40))).ThenAccepted().ThenHolds(Owner, 60, 0);

    [Fact]
    public void Retired_units_are_not_retired_again() =>
        Given(Issued(100), Retired(Owner, Named(1, 10)))
            .When(Retire(Owner, Named(10, 11)))
            .ThenRefused(new Refusal.UnitsNotHeld(FirstVoucher, Owner, Range(10, 11)));

    [Fact]
    public void Nobody_retires_more_than_he_owns() =>
        Given(Issued(100)).When(Retire(Owner, All(101))).ThenRefused(new Refusal.InsufficientUnits(FirstVoucher, Kg(101), Kg(100)));

    [Fact]
    public void Serials_end_with_the_voucher() =>
        Given(Issued(100)).When(Retire(Owner, Named(101, 101))).ThenRefused(new Refusal.SerialsBeyondVoucher(FirstVoucher, Range(101, 101), Kg(100)));

    [Fact]
    public void The_beneficiary_may_be_a_name_outside_the_register() =>
        Given(Issued(100)).When(Retire(Owner, All(1)) with { Beneficiary = new Beneficiary(null, Document) }).ThenAccepted();

    [Fact]
    public void Consent_publication_date_and_statements_stand_in_the_event()
    {
        var named = new Beneficiary(null, Document, new NameConsent(Document, Today), Today.PlusDays(1));
        var statements = new Statements("零碳办公", "Zero-carbon office");
        Given(Issued(100))
            .When(Retire(Owner, All(30)) with { Beneficiary = named, Statements = statements })
            .ThenAccepted(
                new RetirementEvent.RetirementRecorded(
                    Use, Owner, [new(FirstVoucher, Serials((1, 30)))], named, RetirementPurpose.CarbonNeutralOperation, Year(2021), null, statements),
                new VoucherEvent.UnitsRetired(FirstVoucher, Use, Owner, Serials((1, 30))));
    }

    [Fact]
    public void Consent_is_not_given_tomorrow() =>
        Given(Issued(100))
            .When(Retire(Owner, All(1)) with { Beneficiary = new Beneficiary(null, Document, new NameConsent(Document, Today.PlusDays(1))) })
            .ThenRefused(new Refusal.DateInFuture("beneficiary.consent.date", Today.PlusDays(1), Today));

    [Theory]
    [InlineData(RetirementPurpose.CarbonNeutralOperation)]
    [InlineData(RetirementPurpose.CarbonNeutralEvent)]
    [InlineData(RetirementPurpose.CorporateTarget)]
    [InlineData(RetirementPurpose.PublicClaim)]
    [InlineData(RetirementPurpose.Insetting)]
    [InlineData(RetirementPurpose.RegulatoryRequirement)]
    [InlineData(RetirementPurpose.EcologicalRestorationOrder)]
    [InlineData(RetirementPurpose.MandatoryCancellation)]
    [InlineData(RetirementPurpose.Other)]
    public void Units_are_retired_for_every_purpose(RetirementPurpose purpose) =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher)).When(Retire(Owner, All(1), All(2, SecondVoucher)) with { Purpose = purpose }).ThenAccepted();

    [Fact]
    public void A_beneficiary_organization_exists() =>
        Given(Issued(100))
            .When(Retire(Owner, All(1)) with { Beneficiary = new Beneficiary(NoOrganization, null) })
            .ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_account_exists() => Given(Issued(100)).When(Retire(NoAccount, All(1))).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void A_closed_account_retires_nothing() =>
        Given(Issued(100), Closed(Buyer)).When(Retire(Buyer, All(1))).ThenRefused(new Refusal.AccountClosed(Buyer));

    [Fact]
    public void The_voucher_exists() => Given().When(Retire(Owner, All(1))).ThenRefused(new Refusal.VoucherNotFound(FirstVoucher));

    [Fact]
    public void A_voucher_stands_in_one_line_only() =>
        Given(Issued(100)).When(Retire(Owner, All(1), All(1))).ThenRefused(new Refusal.DuplicateVoucherLine(FirstVoucher));

    [Fact]
    public void Only_the_holder_or_the_registrar_retires() =>
        Given(Issued(100))
            .When(Retire(Owner, All(1)), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "A retirement", $"the holder of account {Owner}"));

    [Fact]
    public void Authority_is_told_before_the_beneficiary() =>
        Given(Issued(100))
            .When(Retire(Owner, All(1)) with { Beneficiary = new Beneficiary(NoOrganization, null) }, As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "A retirement", $"the holder of account {Owner}"));

    [Fact]
    public void Several_vouchers_are_retired_together_or_not_at_all() =>
        Given(Issued(100), Issued(50, voucher: SecondVoucher))
            .When(Retire(Owner, All(100), All(51, SecondVoucher)))
            .ThenRefused(new Refusal.InsufficientUnits(SecondVoucher, Kg(51), Kg(50)))
            .ThenHolds(Owner, 100, 100);
}
