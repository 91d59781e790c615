using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Accounts;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Organizations;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Vouchers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>Pages to look at: the register and an account's balances. They say what the API says.</summary>
public static class RegisterPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Page("/", async (_, q, _) =>
        {
            q.RequirePresent();
            var things = q.Get<ThingReader>();
            var vouchers = new List<VoucherWire>();
            foreach (var voucher in (await things.ListBegunAsync<VoucherState>("voucher", q)).Take(q.Limit))
            {
                vouchers.Add(await VoucherEndpoints.VoucherAsync(voucher.Entry.Voucher, q));
            }

            var accounts = (await things.ListAsync<AccountState>("account", q)).Take(q.Limit).Select(a => AccountEndpoints.Of(a.Entry)).ToArray();
            var holders = await DeskPages.NamesAsync(q, [.. accounts.Select(a => a.OrganizationId.Value)]);
            return new RazorComponentResult<RegisterPage>(new { Vouchers = vouchers, Accounts = accounts, Holders = holders, Banks = await WithRoleAsync(Role.Bank), Venues = await WithRoleAsync(Role.Exchange), q.Limit });

            async Task<IReadOnlyList<OrganizationWire>> WithRoleAsync(Role role) => [.. (await OrganizationEndpoints.WithRoleAsync(role, q)).Take(q.Limit).Select(o => OrganizationEndpoints.Of(o.Entry))];
        });
        routes.Page("/accounts/{id:guid}", async (_, q, id) =>
        {
            var account = AccountEndpoints.Of(await AccountEndpoints.FindAsync(id, q with { UpTo = null }));
            var balances = await q.Get<BalanceReader>().ReadAsync(new AccountId(id), q);
            var serials = await DeskPages.SerialsAsync(q, balances.Vouchers.Select(v => v.VoucherId));
            return new RazorComponentResult<AccountPage>(new { Account = account, q.AsOf, Balances = balances, Serials = serials });
        });
    }
}
