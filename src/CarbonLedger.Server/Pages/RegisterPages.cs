using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Accounts;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Organizations;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Vouchers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>Pages to look at: the register, an account's balances, a bank's loan book. They say what the API says.</summary>
public static class RegisterPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        Page(routes, "/", async (q, _) =>
        {
            var things = q.Get<ThingReader>();
            var vouchers = new List<VoucherWire>();
            foreach (var voucher in await things.ListAsync<VoucherState>("voucher", q))
            {
                vouchers.Add(await VoucherEndpoints.VoucherAsync(voucher.Voucher, q));
            }

            var accounts = (await things.ListAsync<AccountState>("account", q)).Select(AccountEndpoints.Of).ToArray();
            var banks = (await things.ListAsync<OrganizationState>("organization", q)).Where(o => o.Roles.Contains(Role.Bank)).Select(OrganizationEndpoints.Of).ToArray();
            return new RazorComponentResult<RegisterPage>(new { Vouchers = vouchers, Accounts = accounts, Banks = banks });
        });
        Page(routes, "/accounts/{id:guid}", async (q, id) => new RazorComponentResult<AccountPage>(new
        {
            Account = AccountEndpoints.Of(await AccountEndpoints.FindAsync(id, q with { UpTo = null })),
            Balances = await q.Get<BalanceReader>().ReadAsync(new AccountId(id), q),
        }));
        Page(routes, "/banks/{id:guid}/loan-book", async (q, id) => new RazorComponentResult<LoanBookPage>(new
        {
            Bank = OrganizationEndpoints.Of(await q.Get<ThingReader>().FindAsync<OrganizationState>(id, q, new Refusal.OrganizationNotFound(new OrganizationId(id)))),
            Book = await q.Get<LoanReader>().BookAsync(new OrganizationId(id), q),
            Collateral = await q.Get<CollateralBookReader>().ReadAsync(new OrganizationId(id), q),
        }));
    }

    private static void Page(IEndpointRouteBuilder routes, string pattern, Func<ReadQuestion, Guid, Task<IResult>> render) => routes
        .Get(pattern, async (HttpContext http) =>
        {
            try
            {
                var id = Guid.TryParse(http.Request.RouteValues["id"] as string, out var value) ? value : Guid.Empty;
                var page = await render(await ReadEndpoint.QuestionAsync(http), id);
                await page.ExecuteAsync(http);
            }
            catch (BadInputException e)
            {
                await Problem.WriteAsync(http, e.Problem, e.Message);
            }
            catch (RefusedException e)
            {
                await Problem.WriteAsync(http, e.Refusal);
            }
        })
        .ExcludeFromDescription();
}
