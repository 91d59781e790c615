using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Vouchers;

public sealed class IssueVoucherSpec
{
    [Fact]
    public void A_filed_application_becomes_a_voucher_in_one_account() =>
        Given(Filed(1, year: 2020, kilograms: 100))
            .When(Issue(1, printed: "兰碳-1"))
            .ThenAccepted(
                new VoucherEvent.VoucherIssued(
                    FirstVoucher, Form(1), Woods, new SerialPrefix("620171", "SLCT", 1, 2020, 1), Kg(100), Year(2020), ["620171-001", "620171-002"], Owner, "兰碳-1"),
                new ApplicationEvent.ApplicationIssued(Form(1), FirstVoucher))
            .ThenHolds(Owner, owned: 100, free: 100)
            .ThenStands<ApplicationState>(Form(1).Value, a => Assert.Equal((ApplicationStatus.Issued, FirstVoucher), (a.Status, a.Voucher)))
            .ThenStands<ProjectState>(Woods.Value, p => Assert.Equal(1, p.Issuances[2020]));

    [Fact]
    public void Issuances_of_a_vintage_are_numbered_in_turn()
    {
        var half = new DatePeriod(new LocalDate(2020, 1, 1), new LocalDate(2020, 6, 30));
        var rest = new DatePeriod(new LocalDate(2020, 7, 1), new LocalDate(2020, 12, 31));

        Given(FiledOver(1, half), FiledOver(2, rest), Done(Issue(1)))
            .When(Issue(2, SecondVoucher))
            .ThenAccepted()
            .ThenStands<VoucherState>(SecondVoucher.Value, v => Assert.Equal((2020, 2), (v.Serial.Vintage, v.Serial.Issuance)));
    }

    [Fact]
    public void The_vintage_is_the_year_in_which_the_period_ends() =>
        Given(FiledOver(1, new DatePeriod(new LocalDate(2016, 3, 1), new LocalDate(2020, 2, 29))))
            .When(Issue(1))
            .ThenAccepted()
            .ThenStands<VoucherState>(FirstVoucher.Value, v => Assert.Equal(2020, v.Serial.Vintage));

    [Fact]
    public void A_registrar_organization_issues() => Given(Filed(1)).When(Issue(1), AsBureau).ThenAccepted();

    [Fact]
    public void Nobody_but_the_registrar_issues() =>
        Given(Filed(1)).When(Issue(1), As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "Issuing a voucher", "the registrar"));

    [Fact]
    public void Authority_is_told_before_anything_else() =>
        Given().When(Issue(1), As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "Issuing a voucher", "the registrar"));

    [Fact]
    public void The_application_exists() => Given().When(Issue(1)).ThenRefused(new Refusal.ApplicationNotFound(Form(1)));

    [Fact]
    public void The_receiving_account_exists() =>
        Given(Filed(1)).When(Issue(1) with { Account = NoAccount }).ThenRefused(new Refusal.AccountNotFound(NoAccount));

    [Fact]
    public void A_closed_account_receives_no_voucher() =>
        Given(Filed(1), Closed(Owner)).When(Issue(1)).ThenRefused(new Refusal.AccountClosed(Owner));

    [Fact]
    public void An_application_is_issued_once() =>
        Given(Filed(1), Done(Issue(1)))
            .When(Issue(1, SecondVoucher))
            .ThenRefused(new Refusal.ApplicationNotInState(Form(1), ApplicationStatus.Issued, "issuing its voucher"));

    [Fact]
    public void A_parcel_is_never_covered_twice_for_overlapping_periods() =>
        Given(Filed(1, 2020), Filed(2, 2020), Done(Issue(1)))
            .When(Issue(2, SecondVoucher))
            .ThenRefused(new Refusal.ParcelAlreadyCovered("620171-001", Year(2020), FirstVoucher));

    [Fact]
    public void One_shared_day_is_an_overlap()
    {
        var next = new DatePeriod(new LocalDate(2020, 12, 31), new LocalDate(2021, 6, 30));

        Given(Filed(1, 2020), FiledOver(2, next), Done(Issue(1)))
            .When(Issue(2, SecondVoucher))
            .ThenRefused(new Refusal.ParcelAlreadyCovered("620171-001", Year(2020), FirstVoucher));
    }

    [Fact]
    public void The_next_period_of_a_parcel_is_a_new_voucher() =>
        Given(Filed(1, 2019), Filed(2, 2020), Done(Issue(1))).When(Issue(2, SecondVoucher)).ThenAccepted();

    [Fact]
    public void Other_parcels_of_a_project_may_be_covered_for_the_same_period() =>
        Given(FiledFor(1, "620171-001"), FiledFor(2, "620171-002"), Done(Issue(1))).When(Issue(2, SecondVoucher)).ThenAccepted();

    [Fact]
    public void The_parcel_told_is_the_first_of_the_application_that_is_covered() =>
        Given(FiledFor(1, "620171-002"), FiledFor(2, "620171-001"), Filed(3), Done(Issue(1)), Done(Issue(2, SecondVoucher)))
            .When(Issue(3, new VoucherId(Id(0x40, 3))))
            .ThenRefused(new Refusal.ParcelAlreadyCovered("620171-001", Year(2020), SecondVoucher));

    [Fact]
    public void A_printed_number_is_given_once() =>
        Given(Filed(1, 2019), Filed(2, 2020), Done(Issue(1, printed: "兰碳-1")))
            .When(Issue(2, SecondVoucher, "兰碳-1"))
            .ThenRefused(new Refusal.PrintedNumberTaken("兰碳-1"));

    [Fact]
    public void A_covered_parcel_is_told_before_a_taken_number() =>
        Given(Filed(1), Filed(2), Done(Issue(1, printed: "兰碳-1")))
            .When(Issue(2, SecondVoucher, "兰碳-1"))
            .ThenRefused(new Refusal.ParcelAlreadyCovered("620171-001", Year(2020), FirstVoucher));

    [Fact]
    public void A_vintage_has_ninety_nine_issuances_of_a_project_at_most()
    {
        var first = new LocalDate(2020, 1, 1);
        var ledger = Given([.. Enumerable.Range(0, 100).Select(i => FiledOver(1 + i, new DatePeriod(first.PlusDays(i), first.PlusDays(i))))]);
        for (var i = 0; i < 99; i++)
        {
            ledger.Do(Issue(1 + i, new VoucherId(Id(0x41, i))), Registrar);
        }

        ledger.When(Issue(100, SecondVoucher)).ThenRefused(new Refusal.IssuancesExhausted(Woods, 2020));
    }

    private static IssueVoucher Issue(int form, VoucherId? voucher = null, string? printed = null) => new(Form(form), voucher ?? FirstVoucher, Owner, printed);

    private static Step FiledOver(int form, DatePeriod period) => FiledAs(Draft(form) with { MonitoringPeriod = period });

    private static Step FiledFor(int form, params string[] parcels) => FiledAs(Draft(form) with { ParcelCodes = parcels });

    private static Step FiledAs(DraftApplication draft) => ledger =>
    {
        ledger.Do(draft, As(Forest));
        foreach (var step in new[] { ApplicationStep.Submit, ApplicationStep.Review, ApplicationStep.Approve, ApplicationStep.File })
        {
            ledger.Do(new AdvanceApplication(draft.Application, step, null), Registrar);
        }
    };
}
