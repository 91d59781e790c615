using System.Globalization;
using System.Text.RegularExpressions;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Vouchers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>From what somebody holds in hand, a serial or a number, to the page that shows it.</summary>
public static partial class FindPages
{
    /// <summary>More than any serial or number has; a paste of more is none.</summary>
    public const int CharactersMax = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes.Page("/find", async (http, q, _) =>
    {
        var sought = http.Request.Query["q"].ToString().Trim();
        var path = sought.Length is > 0 and <= CharactersMax && !sought.Any(char.IsControl) ? await PathOfAsync(sought, q) : null;
        return path is null
            ? new RazorComponentResult<FindPage>(new { Sought = sought.Length > CharactersMax ? sought[..CharactersMax] + "…" : sought }) { StatusCode = sought.Length > 0 ? StatusCodes.Status404NotFound : StatusCodes.Status200OK }
            : Results.Redirect(http.Request.Query["lang"].ToString() is "zh" or "en" ? $"{path}?lang={http.Request.Query["lang"]}" : path);
    });

    /// <param name="given">As it was typed: a printed number is kept in the widths in which it is printed, such as 碳票（2021）001.</param>
    private static async Task<string?> PathOfAsync(string given, ReadQuestion q)
    {
        var sought = HalfWidth.Of(given);
        if (Guid.TryParseExact(sought, "D", out var id))
        {
            return await q.Get<ThingReader>().CurrentAsync(id) is { } state ? PathOf(state) : null;
        }

        if (CertificateNumber().Match(sought.ToUpperInvariant()) is { Success: true } number)
        {
            var position = long.Parse(number.Groups["position"].ValueSpan, CultureInfo.InvariantCulture);
            return await q.Get<LogReader>().FindAsync(position) is { } e && number.Groups["year"].Value == RegistryCalendar.DateOf(e.At).Year.ToString("D4", CultureInfo.InvariantCulture)
                ? PathOf(number.Groups["kind"].Value, e.Fact)
                : null;
        }

        // What is printed may look like a serial, and be in any letters.
        var voucher = await VoucherFinder.FindPrintedAsync(given, q)
            ?? (sought != given ? await VoucherFinder.FindPrintedAsync(sought, q) : null)
            ?? (SerialText.Parse(sought.ToUpperInvariant()) is { } serial ? await VoucherFinder.FindOrNullAsync(serial, q) : null);
        return voucher is null ? null : $"/certificates/vouchers/{voucher}";
    }

    private static string? PathOf(State state) => state switch
    {
        VoucherState => $"/certificates/vouchers/{state.Id}",
        RetirementState => $"/certificates/retirements/{state.Id}",
        ClaimState => $"/certificates/claims/{state.Id}",
        AccountState => $"/accounts/{state.Id}",
        PledgeState => $"/pledges/{state.Id}",
        LoanState => $"/loans/{state.Id}",
        TradeState => $"/trades/{state.Id}",
        OrganizationState { Roles: var roles } when roles.Contains(Role.Bank) => $"/banks/{state.Id}/loan-book",
        OrganizationState { Roles: var roles } when roles.Contains(Role.Exchange) => $"/venues/{state.Id}",
        _ => null,
    };

    private static string? PathOf(string kind, LedgerEvent fact) => (kind, fact) switch
    {
        ("VCH", VoucherEvent.VoucherIssued) => $"/certificates/vouchers/{fact.Stream}",
        ("RET", RetirementEvent.RetirementRecorded) => $"/certificates/retirements/{fact.Stream}",
        ("CLM", ClaimEvent.ClaimDrafted) => $"/certificates/claims/{fact.Stream}",
        _ => null,
    };

    /// <summary>The year of the register and the log position of what is certified.</summary>
    [GeneratedRegex("^(?<kind>VCH|RET|CLM)-(?<year>[0-9]{4})-(?<position>[0-9]{10})$", RegexOptions.CultureInvariant)]
    private static partial Regex CertificateNumber();
}
