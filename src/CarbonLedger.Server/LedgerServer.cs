using CarbonLedger.Server.Accounts;
using CarbonLedger.Server.Applications;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Organizations;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Projects;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Telemetry;
using CarbonLedger.Server.Trades;
using CarbonLedger.Server.Vouchers;
using Npgsql;

namespace CarbonLedger.Server;

/// <summary>Puts the server together and runs it.</summary>
public static class LedgerServer
{
    /// <summary>Where the server listens unless <c>--urls</c> says otherwise.</summary>
    public const string UrlDefault = "http://127.0.0.1:5080";

    /// <summary>The program refuses to run, for a reason it has printed.</summary>
    private const int ExitRefused = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        if (builder.Configuration["urls"] is null)
        {
            builder.WebHost.UseUrls(UrlDefault);
        }

        var connectionString = builder.Configuration.GetConnectionString("Ledger")!;
        await using var database = new LedgerDatabase(connectionString);
        if (await PrepareAsync(database) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason);
            return ExitRefused;
        }

        var app = Build(builder, database);
        await app.RunAsync();
        return 0;
    }

    /// <returns>Null, or the reason why this program must not run on this database.</returns>
    public static async Task<string?> PrepareAsync(LedgerDatabase database) =>
        await Migrator.MigrateAsync(database.Writer, _ => { }, CancellationToken.None);

    public static WebApplication Build(WebApplicationBuilder builder, LedgerDatabase database)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = CommandEndpoint.BodyBytesMax;
        });
        var services = builder.Services;
        services.AddRoutingCore();
        services.AddSingleton(database);
        services.AddSingleton<IClock>(SystemClock.Instance);
        services.AddSingleton<LogHead>();
        services.AddSingleton<CommandQueue>();
        services.AddSingleton<LedgerMeters>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<ThingReader>();
        services.AddSingleton<HoldingsReader>();
        services.AddSingleton<LoanReader>();
        services.AddSingleton<RetirementReader>();
        services.AddSingleton<BalanceReader>();
        services.AddSingleton<ProjectionSet>();
        services.AddHostedService<CommandLoop>();
        services.AddHostedService<HeadWatcher>();
        services.AddHostedService(p => p.GetRequiredService<ProjectionSet>().Balances);
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<ProjectionSet>().Vouchers);
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<ProjectionSet>().Loans);
        OpenApi.Add(services);

        var app = builder.Build();
        EdgeErrors.Use(app);
        OpenApi.Map(app);
        OrganizationEndpoints.Map(app);
        AccountEndpoints.Map(app);
        ProjectEndpoints.Map(app);
        ApplicationEndpoints.Map(app);
        VoucherEndpoints.Map(app);
        TransferEndpoints.Map(app);
        TradeEndpoints.Map(app);
        PledgeEndpoints.Map(app);
        ReferencePriceEndpoints.Map(app);
        LoanEndpoints.Map(app);
        RetirementEndpoints.Map(app);
        EventFeed.Map(app);
        Health.Map(app);
        Metrics.Map(app);
        return app;
    }
}
