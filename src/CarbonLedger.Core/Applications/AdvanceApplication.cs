namespace CarbonLedger.Core.Applications;

/// <summary>Takes an application one step along its life.</summary>
public sealed record AdvanceApplication(ApplicationId Application, ApplicationStep Step, string? Reason) : Command
{
    public override void Collect(Needs needs) => needs.State(Application.Value);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<ApplicationState>(Application.Value) is not { } application)
        {
            return new Refusal.ApplicationNotFound(Application);
        }

        var isOwners = Applications.Application.IsOwners(Step);
        if (isOwners ? !context.Actor.MayActFor(application.Owner) : !context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, $"The step {Step} of an application", isOwners ? "the project's owner" : "the registrar");
        }

        if (!Applications.Application.Allows(application.Status, Step))
        {
            return new Refusal.ApplicationNotInState(Application, application.Status, $"the step {Step}");
        }

        // From here the step must succeed.
        return Decision.Accept(Application.Value, EventOf());
    }

    private ApplicationEvent EventOf() => Step switch
    {
        ApplicationStep.Submit => new ApplicationEvent.ApplicationSubmitted(Application, Reason),
        ApplicationStep.RequestCorrection => new ApplicationEvent.CorrectionRequested(Application, Reason),
        ApplicationStep.Review => new ApplicationEvent.ApplicationReviewed(Application, Reason),
        ApplicationStep.Approve => new ApplicationEvent.ApplicationApproved(Application, Reason),
        ApplicationStep.File => new ApplicationEvent.ApplicationFiled(Application, Reason),
        ApplicationStep.Reject => new ApplicationEvent.ApplicationRejected(Application, Reason),
        ApplicationStep.Withdraw => new ApplicationEvent.ApplicationWithdrawn(Application, Reason),
    };
}
