using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Projects;

namespace CarbonLedger.Core.Vouchers;

/// <summary>Issues the voucher of a filed application into an account.</summary>
public sealed record IssueVoucher(ApplicationId Application, VoucherId Voucher, AccountId Account, string? PrintedNumber) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Application.Value);
        needs.State(Account.Value);
        if (PrintedNumber is { } number)
        {
            needs.Unique(UniqueName.PrintedNumber(number));
        }

        if (needs.Register.Knows(Application.Value) && needs.Register.Find<ApplicationState>(Application.Value) is { } application)
        {
            needs.State(application.Project.Value);
            Contents.CollectCoverage(needs, application.Content.ParcelCodes, application.Content.MonitoringPeriod);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Issuing a voucher", "the registrar");
        }

        if (register.Find<ApplicationState>(Application.Value) is not { } application)
        {
            return new Refusal.ApplicationNotFound(Application);
        }

        if (Accounts.Account.CannotReceive(register, Account) is { } refusal)
        {
            return refusal;
        }

        if (application.Status != ApplicationStatus.Filed)
        {
            return new Refusal.ApplicationNotInState(Application, application.Status, "issuing its voucher");
        }

        var content = application.Content;
        if (register.FindCoverage(content.ParcelCodes, content.MonitoringPeriod) is { } covered)
        {
            return new Refusal.ParcelAlreadyCovered(covered.Parcel, covered.Period, covered.Voucher);
        }

        if (PrintedNumber is { } number && register.IsTaken(UniqueName.PrintedNumber(number)))
        {
            return new Refusal.PrintedNumberTaken(number);
        }

        var project = register.Find<ProjectState>(application.Project.Value)!;
        var vintage = content.MonitoringPeriod.Last.Year;
        var issuance = project.Issuances.GetValueOrDefault(vintage) + 1;
        if (issuance > 99)
        {
            return new Refusal.IssuancesExhausted(project.Project, vintage);
        }

        // From here the issuance must succeed.
        return Decision.Accept(
            Voucher.Value,
            new VoucherEvent.VoucherIssued(
                Voucher,
                Application,
                project.Project,
                new SerialPrefix(project.Region, project.Scheme, project.Number, vintage, issuance),
                content.Kilograms,
                content.MonitoringPeriod,
                content.ParcelCodes,
                Account,
                PrintedNumber),
            new ApplicationEvent.ApplicationIssued(Application, Voucher));
    }
}
