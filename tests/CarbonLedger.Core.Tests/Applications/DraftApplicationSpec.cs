using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Applications;

public sealed class DraftApplicationSpec
{
    [Fact]
    public void An_owner_drafts_over_all_parcels_when_it_names_none() =>
        Given()
            .When(Draft(1), As(Forest))
            .ThenAccepted(new ApplicationEvent.ApplicationDrafted(
                Form(1), Woods, Forest, new ApplicationContent(["620171-001", "620171-002"], Year(2020), Kg(100), new Verification(Verifier, Today.PlusDays(-1), Document))))
            .ThenStands<ApplicationState>(Form(1).Value, a => Assert.Equal((ApplicationStatus.Draft, Forest, null), (a.Status, a.Owner, a.Voucher)));

    [Fact]
    public void An_owner_drafts_over_some_parcels() =>
        Given()
            .When(Draft(1) with { ParcelCodes = ["620171-002"] }, As(Forest))
            .ThenAccepted()
            .ThenStands<ApplicationState>(Form(1).Value, a => Assert.Equal(["620171-002"], a.Content.ParcelCodes));

    [Fact]
    public void The_registrar_may_draft_for_it() => Given().When(Draft(1)).ThenAccepted();

    [Fact]
    public void A_period_may_end_today() =>
        Given().When(Draft(1) with { MonitoringPeriod = new DatePeriod(Today, Today), Verification = new Verification(Verifier, Today, Document) }).ThenAccepted();

    [Fact]
    public void The_project_exists() =>
        Given().When(Draft(1) with { Project = new ProjectId(Id(0x30, 99)) }).ThenRefused(new Refusal.ProjectNotFound(new ProjectId(Id(0x30, 99))));

    [Fact]
    public void A_stranger_does_not_apply() =>
        Given().When(Draft(1), As(Stranger)).ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Applying for a voucher", "the project's owner"));

    [Fact]
    public void The_verifier_exists() =>
        Given()
            .When(Draft(1) with { Verification = new Verification(NoOrganization, Today, Document) })
            .ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_verifier_is_a_verifier() =>
        Given()
            .When(Draft(1) with { Verification = new Verification(Bank, Today, Document) })
            .ThenRefused(new Refusal.OrganizationLacksRole(Bank, Role.Verifier));

    [Fact]
    public void A_monitoring_period_is_over_when_it_is_applied_for() =>
        Given()
            .When(Draft(1, year: 2021))
            .ThenRefused(new Refusal.DateInFuture("The monitoring period's last day", new LocalDate(2021, 12, 31), Today));

    [Fact]
    public void A_report_is_not_of_tomorrow() =>
        Given()
            .When(Draft(1) with { Verification = new Verification(Verifier, Today.PlusDays(1), Document) })
            .ThenRefused(new Refusal.DateInFuture("The report date", Today.PlusDays(1), Today));

    [Fact]
    public void Its_parcels_belong_to_its_project() =>
        Given()
            .When(Draft(1) with { ParcelCodes = ["620171-001", "620171-999"] })
            .ThenRefused(new Refusal.ParcelNotInProject(Woods, "620171-999"));

    [Fact]
    public void A_covered_parcel_is_refused_already_now() =>
        Given(Issued(100)).When(Draft(1, year: 2000)).ThenRefused(new Refusal.ParcelAlreadyCovered("620171-001", Year(2000), FirstVoucher));

    [Fact]
    public void Drafts_may_compete_until_one_is_issued() => Given(Done(Draft(1))).When(Draft(2)).ThenAccepted();

    [Fact]
    public void A_future_period_is_told_before_a_strange_parcel() =>
        Given()
            .When(Draft(1, year: 2021) with { ParcelCodes = ["x"] })
            .ThenRefused(new Refusal.DateInFuture("The monitoring period's last day", new LocalDate(2021, 12, 31), Today));
}
