using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Applications;

public sealed class AdvanceApplicationSpec
{
    /// <summary>The whole life of an application, as the registry's rules have it: where each step leads, and "-" where it is refused.</summary>
    private const string Life = """
        status               Submit     RequestCorrection    Review    Approve   File   Reject    Withdraw
        Draft                Submitted  -                    -         -         -      -         Withdrawn
        Submitted            -          CorrectionRequested  Reviewed  -         -      Rejected  Withdrawn
        CorrectionRequested  Submitted  -                    -         -         -      -         Withdrawn
        Reviewed             -          -                    -         Approved  -      Rejected  Withdrawn
        Approved             -          -                    -         -         Filed  Rejected  Withdrawn
        Filed                -          -                    -         -         -      Rejected  -
        Issued               -          -                    -         -         -      -         -
        Rejected             -          -                    -         -         -      -         -
        Withdrawn            -          -                    -         -         -      -         -
        """;

    /// <summary>How an application comes to each status.</summary>
    private static readonly Dictionary<string, string> Ways = new()
    {
        ["Draft"] = "",
        ["Submitted"] = "Submit",
        ["CorrectionRequested"] = "Submit RequestCorrection",
        ["Reviewed"] = "Submit Review",
        ["Approved"] = "Submit Review Approve",
        ["Filed"] = "Submit Review Approve File",
        ["Issued"] = "Submit Review Approve File",
        ["Rejected"] = "Submit Reject",
        ["Withdrawn"] = "Withdraw",
    };

    public static TheoryData<string, string, string> Cases()
    {
        var rows = Life.Split('\n', StringSplitOptions.TrimEntries).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var cases = new TheoryData<string, string, string>();
        foreach (var row in rows[1..])
        {
            for (var i = 1; i < row.Length; i++)
            {
                cases.Add(row[0], rows[0][i], row[i]);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_step_from_every_status(string status, string step, string outcome)
    {
        var ledger = At(status).When(Advance(1, Enum.Parse<ApplicationStep>(step)));

        if (outcome == "-")
        {
            ledger.ThenRefused(new Refusal.ApplicationNotInState(Form(1), Enum.Parse<ApplicationStatus>(status), $"the step {step}"));
        }
        else
        {
            ledger.ThenAccepted().ThenStands<ApplicationState>(Form(1).Value, a => Assert.Equal(outcome, a.Status.ToString()));
        }
    }

    [Fact]
    public void The_table_has_every_status_and_every_step() =>
        Assert.Equal(Enum.GetValues<ApplicationStatus>().Length * Enum.GetValues<ApplicationStep>().Length, Cases().Count);

    [Theory]
    [InlineData("Draft", "Submit", true)]
    [InlineData("Submitted", "Withdraw", true)]
    [InlineData("Submitted", "RequestCorrection", false)]
    [InlineData("Submitted", "Review", false)]
    [InlineData("Submitted", "Reject", false)]
    [InlineData("Reviewed", "Approve", false)]
    [InlineData("Approved", "File", false)]
    public void Steps_belong_to_the_owner_or_to_the_registrar(string status, string step, bool isOwners)
    {
        var command = Advance(1, Enum.Parse<ApplicationStep>(step));
        var reserved = isOwners ? "the project's owner" : "the registrar";

        At(status).When(command, As(Stranger)).ThenRefused(new Refusal.NotAuthorized(As(Stranger), $"The step {step} of an application", reserved));
        At(status).When(command, AsBureau).ThenAccepted();
        if (isOwners)
        {
            At(status).When(command, As(Forest)).ThenAccepted();
        }
        else
        {
            At(status).When(command, As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), $"The step {step} of an application", reserved));
        }
    }

    [Fact]
    public void The_application_exists() =>
        Given().When(Advance(1, ApplicationStep.Submit), As(Stranger)).ThenRefused(new Refusal.ApplicationNotFound(Form(1)));

    [Fact]
    public void Authority_is_told_before_the_state() =>
        At("Filed")
            .When(Advance(1, ApplicationStep.Withdraw), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "The step Withdraw of an application", "the project's owner"));

    [Fact]
    public void The_reason_is_recorded() =>
        At("Submitted")
            .When(new AdvanceApplication(Form(1), ApplicationStep.Reject, "no forest there"))
            .ThenAccepted(new ApplicationEvent.ApplicationRejected(Form(1), "no forest there"));

    [Theory]
    [InlineData(ApplicationStatus.Draft, "draft")]
    [InlineData(ApplicationStatus.Submitted, "submitted")]
    [InlineData(ApplicationStatus.CorrectionRequested, "correctionRequested")]
    [InlineData(ApplicationStatus.Reviewed, "reviewed")]
    [InlineData(ApplicationStatus.Approved, "approved")]
    [InlineData(ApplicationStatus.Filed, "filed")]
    [InlineData(ApplicationStatus.Issued, "issued")]
    [InlineData(ApplicationStatus.Rejected, "rejected")]
    [InlineData(ApplicationStatus.Withdrawn, "withdrawn")]
    public void Statuses_have_names_for_ever(ApplicationStatus status, string name) => Assert.Equal(name, Names.Of(status));

    private static Ledger At(string status)
    {
        var ledger = Given(Done(Draft(1)));
        foreach (var step in Ways[status].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            ledger.Do(Advance(1, Enum.Parse<ApplicationStep>(step)), Registrar);
        }

        if (status == "Issued")
        {
            ledger.Do(new IssueVoucher(Form(1), FirstVoucher, Owner, null), Registrar);
        }

        return ledger;
    }
}
