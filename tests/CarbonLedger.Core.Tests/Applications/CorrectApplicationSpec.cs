using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Applications;

public sealed class CorrectApplicationSpec
{
    [Fact]
    public void A_draft_is_corrected() =>
        Given(Done(Draft(1)))
            .When(Correct(1, year: 2019, kilograms: 90), As(Forest))
            .ThenAccepted(new ApplicationEvent.ApplicationCorrected(
                Form(1), new ApplicationContent(["620171-001", "620171-002"], Year(2019), Kg(90), new Verification(Verifier, Today.PlusDays(-1), Document))))
            .ThenStands<ApplicationState>(Form(1).Value, a => Assert.Equal((ApplicationStatus.Draft, Kg(90)), (a.Status, a.Content.Kilograms)));

    [Fact]
    public void A_correction_on_request_keeps_the_status() =>
        Given(Done(Draft(1)), Done(Advance(1, ApplicationStep.Submit)), Done(Advance(1, ApplicationStep.RequestCorrection)))
            .When(Correct(1), As(Forest))
            .ThenAccepted()
            .ThenStands<ApplicationState>(Form(1).Value, a => Assert.Equal(ApplicationStatus.CorrectionRequested, a.Status));

    [Fact]
    public void A_submitted_application_is_not_corrected() =>
        Given(Done(Draft(1)), Done(Advance(1, ApplicationStep.Submit)))
            .When(Correct(1), As(Forest))
            .ThenRefused(new Refusal.ApplicationNotInState(Form(1), ApplicationStatus.Submitted, "correcting it"));

    [Fact]
    public void The_application_exists() => Given().When(Correct(1)).ThenRefused(new Refusal.ApplicationNotFound(Form(1)));

    [Fact]
    public void A_stranger_does_not_correct() =>
        Given(Done(Draft(1)))
            .When(Correct(1), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Correcting an application", "the project's owner"));

    [Fact]
    public void Authority_is_told_before_the_state() =>
        Given(Filed(1))
            .When(Correct(1), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Correcting an application", "the project's owner"));

    [Fact]
    public void The_verifier_is_a_verifier() =>
        Given(Done(Draft(1)))
            .When(Correct(1) with { Verification = new Verification(Bank, Today, Document) })
            .ThenRefused(new Refusal.OrganizationLacksRole(Bank, Role.Verifier));

    [Fact]
    public void The_verifier_exists() =>
        Given(Done(Draft(1)))
            .When(Correct(1) with { Verification = new Verification(NoOrganization, Today, Document) })
            .ThenRefused(new Refusal.OrganizationNotFound(NoOrganization));

    [Fact]
    public void The_period_is_over() =>
        Given(Done(Draft(1)))
            .When(Correct(1, year: 2021))
            .ThenRefused(new Refusal.DateInFuture("The monitoring period's last day", new LocalDate(2021, 12, 31), Today));

    [Fact]
    public void Its_parcels_belong_to_its_project() =>
        Given(Done(Draft(1))).When(Correct(1) with { ParcelCodes = ["x"] }).ThenRefused(new Refusal.ParcelNotInProject(Woods, "x"));

    [Fact]
    public void A_covered_parcel_is_refused() =>
        Given(Issued(100), Done(Draft(1)))
            .When(Correct(1, year: 2000))
            .ThenRefused(new Refusal.ParcelAlreadyCovered("620171-001", Year(2000), FirstVoucher));
}
