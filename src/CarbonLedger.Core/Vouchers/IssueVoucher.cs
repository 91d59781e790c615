using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Schemes;

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
            CollectBuffer(needs, application.Project);
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

        var buffer = register.Find<SchemeState>(SchemeId.Of(project.Scheme).Value)?.Buffer;
        if (buffer is not null && Accounts.Account.CannotReceive(register, buffer.Account) is { } cannot)
        {
            return cannot;
        }

        // From here the issuance must succeed.
        return Decision.Accept(
            Voucher.Value,
            [
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
                .. SetAside(buffer, content.Kilograms, project.Scheme, context.LogIndex),
                new ApplicationEvent.ApplicationIssued(Application, Voucher),
            ]);
    }

    private static void CollectBuffer(Needs needs, ProjectId id)
    {
        if (!needs.Register.Knows(id.Value) || needs.Register.Find<ProjectState>(id.Value) is not { } project)
        {
            return;
        }

        var scheme = SchemeId.Of(project.Scheme);
        needs.State(scheme.Value);
        if (needs.Register.Knows(scheme.Value) && needs.Register.Find<SchemeState>(scheme.Value) is { Buffer: { } buffer })
        {
            needs.State(buffer.Account.Value);
        }
    }

    /// <summary>The buffer's share is issued like the rest and moved at once: the highest serials, by a transfer like any other.</summary>
    private VoucherEvent.UnitsTransferred[] SetAside(SchemeBuffer? buffer, Kilograms issued, string scheme, long logIndex)
    {
        if (buffer is null || buffer.Account == Account)
        {
            return [];
        }

        var serials = SerialRanges.Of(SerialRange.Inclusive(issued.Value - buffer.Of(issued).Value + 1, issued.Value));
        return [new VoucherEvent.UnitsTransferred(Voucher, TransferId.At(logIndex + 1, Voucher), null, Account, buffer.Account, serials, $"Buffer of scheme {scheme}")];
    }
}
