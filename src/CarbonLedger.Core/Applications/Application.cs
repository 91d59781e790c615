namespace CarbonLedger.Core.Applications;

/// <summary><c>draft → submitted ⇄ correctionRequested → reviewed → approved → filed → issued</c>, or rejected, or withdrawn.</summary>
public enum ApplicationStatus
{
    Draft,
    Submitted,
    CorrectionRequested,
    Reviewed,
    Approved,
    Filed,
    Issued,
    Rejected,
    Withdrawn,
}

/// <summary>A verification report (核证报告).</summary>
/// <param name="DocumentSha256">SHA-256 of the document, 64 lower-case hexadecimal digits.</param>
public sealed record Verification(OrganizationId Verifier, LocalDate ReportDate, string DocumentSha256);

/// <summary>What an application asks for: which parcels, when, how much, verified by whom.</summary>
public sealed record ApplicationContent(IReadOnlyList<string> ParcelCodes, DatePeriod MonitoringPeriod, Kilograms Kilograms, Verification Verification);

/// <summary>A step in an application's life that changes nothing but its status.</summary>
public enum ApplicationStep
{
    Submit,
    RequestCorrection,
    Review,
    Approve,
    File,
    Reject,
    Withdraw,
}

public abstract record ApplicationEvent : LedgerEvent
{
    private ApplicationEvent() { }

    public sealed record ApplicationDrafted(ApplicationId Application, ProjectId Project, OrganizationId Owner, ApplicationContent Content) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationCorrected(ApplicationId Application, ApplicationContent Content) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationSubmitted(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record CorrectionRequested(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationReviewed(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationApproved(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationFiled(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationRejected(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationWithdrawn(ApplicationId Application, string? Reason) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }

    public sealed record ApplicationIssued(ApplicationId Application, VoucherId Voucher) : ApplicationEvent
    {
        public override Guid Stream => Application.Value;
    }
}

public sealed record ApplicationState(
    ApplicationId Application,
    ProjectId Project,
    OrganizationId Owner,
    ApplicationContent Content,
    ApplicationStatus Status,
    VoucherId? Voucher) : State
{
    public override Guid Id => Application.Value;
}

public static class Application
{
    public static ApplicationState Evolve(ApplicationState? state, ApplicationEvent fact) => fact switch
    {
        ApplicationEvent.ApplicationDrafted e => new ApplicationState(e.Application, e.Project, e.Owner, e.Content, ApplicationStatus.Draft, null),
        ApplicationEvent.ApplicationCorrected e => state! with { Content = e.Content },
        ApplicationEvent.ApplicationSubmitted => state! with { Status = ApplicationStatus.Submitted },
        ApplicationEvent.CorrectionRequested => state! with { Status = ApplicationStatus.CorrectionRequested },
        ApplicationEvent.ApplicationReviewed => state! with { Status = ApplicationStatus.Reviewed },
        ApplicationEvent.ApplicationApproved => state! with { Status = ApplicationStatus.Approved },
        ApplicationEvent.ApplicationFiled => state! with { Status = ApplicationStatus.Filed },
        ApplicationEvent.ApplicationRejected => state! with { Status = ApplicationStatus.Rejected },
        ApplicationEvent.ApplicationWithdrawn => state! with { Status = ApplicationStatus.Withdrawn },
        ApplicationEvent.ApplicationIssued e => state! with { Status = ApplicationStatus.Issued, Voucher = e.Voucher },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <summary>Where a step may start.</summary>
    public static bool Allows(ApplicationStatus status, ApplicationStep step) => step switch
    {
        ApplicationStep.Submit => status is ApplicationStatus.Draft or ApplicationStatus.CorrectionRequested,
        ApplicationStep.RequestCorrection => status is ApplicationStatus.Submitted,
        ApplicationStep.Review => status is ApplicationStatus.Submitted,
        ApplicationStep.Approve => status is ApplicationStatus.Reviewed,
        ApplicationStep.File => status is ApplicationStatus.Approved,
        // Filed too: another voucher may have come first, and then it can never be issued.
        ApplicationStep.Reject => status is ApplicationStatus.Submitted or ApplicationStatus.Reviewed or ApplicationStatus.Approved or ApplicationStatus.Filed,
        ApplicationStep.Withdraw => status is ApplicationStatus.Draft or ApplicationStatus.Submitted or ApplicationStatus.CorrectionRequested
            or ApplicationStatus.Reviewed or ApplicationStatus.Approved,
    };

    /// <summary>True for the steps of the project's owner; the others are the registrar's.</summary>
    public static bool IsOwners(ApplicationStep step) => step is ApplicationStep.Submit or ApplicationStep.Withdraw;
}
