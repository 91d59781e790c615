using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Projects;

namespace CarbonLedger.Core.Applications;

/// <summary>Begins an application for a voucher over some or all parcels of a project.</summary>
/// <param name="ParcelCodes">Null for all parcels of the project.</param>
public sealed record DraftApplication(
    ApplicationId Application,
    ProjectId Project,
    IReadOnlyList<string>? ParcelCodes,
    DatePeriod MonitoringPeriod,
    Kilograms Kilograms,
    Verification Verification) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Project.Value);
        needs.State(Verification.Verifier.Value);
        if (needs.Register.Knows(Project.Value) && needs.Register.Find<ProjectState>(Project.Value) is { } project)
        {
            Contents.CollectCoverage(needs, ParcelCodes ?? Contents.AllParcels(project), MonitoringPeriod);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<ProjectState>(Project.Value) is not { } project)
        {
            return new Refusal.ProjectNotFound(Project);
        }

        if (!context.Actor.MayActFor(project.Owner))
        {
            return new Refusal.NotAuthorized(context.Actor, "Applying for a voucher", "the project's owner");
        }

        var content = new ApplicationContent(ParcelCodes ?? Contents.AllParcels(project), MonitoringPeriod, Kilograms, Verification);
        if (Contents.CannotStand(register, project, content, context) is { } refusal)
        {
            return refusal;
        }

        // From here the draft must succeed.
        return Decision.Accept(
            Application.Value,
            new ApplicationEvent.ApplicationDrafted(Application, Project, project.Owner, content));
    }
}

/// <summary>Changes what an application asks for, while it is a draft or a correction is requested.</summary>
/// <param name="ParcelCodes">Null for all parcels of the project.</param>
public sealed record CorrectApplication(
    ApplicationId Application,
    IReadOnlyList<string>? ParcelCodes,
    DatePeriod MonitoringPeriod,
    Kilograms Kilograms,
    Verification Verification) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Application.Value);
        needs.State(Verification.Verifier.Value);
        if (needs.Register.Knows(Application.Value) && needs.Register.Find<ApplicationState>(Application.Value) is { } application)
        {
            needs.State(application.Project.Value);
            if (needs.Register.Knows(application.Project.Value) && needs.Register.Find<ProjectState>(application.Project.Value) is { } project)
            {
                Contents.CollectCoverage(needs, ParcelCodes ?? Contents.AllParcels(project), MonitoringPeriod);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<ApplicationState>(Application.Value) is not { } application)
        {
            return new Refusal.ApplicationNotFound(Application);
        }

        if (!context.Actor.MayActFor(application.Owner))
        {
            return new Refusal.NotAuthorized(context.Actor, "Correcting an application", "the project's owner");
        }

        if (application.Status is not (ApplicationStatus.Draft or ApplicationStatus.CorrectionRequested))
        {
            return new Refusal.ApplicationNotInState(Application, application.Status, "correcting it");
        }

        var project = register.Find<ProjectState>(application.Project.Value)!;
        var content = new ApplicationContent(ParcelCodes ?? Contents.AllParcels(project), MonitoringPeriod, Kilograms, Verification);
        if (Contents.CannotStand(register, project, content, context) is { } refusal)
        {
            return refusal;
        }

        // From here the correction must succeed.
        return Decision.Accept(Application.Value, new ApplicationEvent.ApplicationCorrected(Application, content));
    }
}

/// <summary>The rules for what an application may ask for.</summary>
internal static class Contents
{
    public static IReadOnlyList<string> AllParcels(ProjectState project) => [.. project.Parcels.Select(p => p.Code)];

    public static void CollectCoverage(Needs needs, IReadOnlyList<string> parcels, DatePeriod period)
    {
        foreach (var parcel in parcels)
        {
            needs.Coverage(parcel, period);
        }
    }

    public static Refusal? CannotStand(Register register, ProjectState project, ApplicationContent content, Context context)
    {
        if (Organization.Lacks(register, content.Verification.Verifier, Role.Verifier) is { } refusal)
        {
            return refusal;
        }

        if (content.MonitoringPeriod.Last > context.Today)
        {
            return new Refusal.DateInFuture("The monitoring period's last day", content.MonitoringPeriod.Last, context.Today);
        }

        if (content.Verification.ReportDate > context.Today)
        {
            return new Refusal.DateInFuture("The report date", content.Verification.ReportDate, context.Today);
        }

        if (content.ParcelCodes.FirstOrDefault(code => project.Parcels.All(p => p.Code != code)) is { } strange)
        {
            return new Refusal.ParcelNotInProject(project.Project, strange);
        }

        return register.FindCoverage(content.ParcelCodes, content.MonitoringPeriod) is { } covered
            ? new Refusal.ParcelAlreadyCovered(covered.Parcel, covered.Period, covered.Voucher)
            : null;
    }
}
