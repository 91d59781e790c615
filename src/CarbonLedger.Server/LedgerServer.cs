using System.Globalization;
using CarbonLedger.Server.Accounts;
using CarbonLedger.Server.Applications;
using CarbonLedger.Server.Bulk;
using CarbonLedger.Server.Cancellations;
using CarbonLedger.Server.Claims;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Demo;
using CarbonLedger.Server.Electricity;
using CarbonLedger.Server.EmbeddedPostgres;
using CarbonLedger.Server.Factors;
using CarbonLedger.Server.Freezes;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Inventories;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Organizations;
using CarbonLedger.Server.Pages;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Projects;
using CarbonLedger.Server.Reconciliations;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Schemes;
using CarbonLedger.Server.Statements;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Telemetry;
using CarbonLedger.Server.Trades;
using CarbonLedger.Server.Vouchers;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CarbonLedger.Server;

/// <summary>Puts the server together and runs it.</summary>
public static class LedgerServer
{
    /// <summary>Where the server listens unless <c>--urls</c> says otherwise.</summary>
    public const string UrlDefault = "http://127.0.0.1:5080";

    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static async Task<int> RunAsync(string[] args)
    {
        var options = StartOptions.Of(args);
        if (options.Help)
        {
            Console.WriteLine(StartOptions.Usage);
            return 0;
        }

        if (options.ReasonToRefuse is { } unknown)
        {
            await Console.Error.WriteLineAsync(unknown);
            return 2;
        }

        var builder = WebApplication.CreateSlimBuilder([.. options.Settings]);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        if (builder.Configuration[$"Logging:LogLevel:{RequestLog}"] is null)
        {
            // Unless an operator wants it: it begins a log scope and an activity with each request.
            builder.Logging.AddFilter(RequestLog, LogLevel.None);
        }

        if (builder.Configuration["urls"] is null)
        {
            builder.WebHost.UseUrls(UrlDefault);
        }

        try
        {
            if ((PublicAddress.ReasonToRefuse(builder.Configuration) ?? StartOptions.UnusableSetting(builder.Configuration)) is { } setting)
            {
                throw new StartRefusedException(setting);
            }

            await using var postgres = await DatabaseOwner.StartAsync(builder.Configuration, Console.WriteLine);
            await using var database = new LedgerDatabase(postgres.ConnectionString);
            if (await PrepareAsync(database) is { } reason)
            {
                throw new StartRefusedException(reason);
            }

            return options.Rebuild ? await RebuildAsync(database) : await ServeAsync(builder, database, options.Demo);
        }
        catch (PostgresBinariesNotFoundException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 3;
        }
        catch (Exception e) when (e is EmbeddedPostgresException or StartRefusedException || e.IsDatabaseFault())
        {
            await Console.Error.WriteLineAsync(e.Message.ReplaceLineEndings(" "));
            return 2;
        }
    }

    /// <returns>Null, or the reason why this program must not run on this database.</returns>
    public static async Task<string?> PrepareAsync(LedgerDatabase database)
    {
        await using var connection = await database.Writer.OpenConnectionAsync();
        return await PostgresSafety.ReasonToRefuseAsync(connection, CancellationToken.None)
            ?? await Migrator.MigrateAsync(database.Writer, Console.WriteLine, CancellationToken.None);
    }

    public static WebApplication Build(WebApplicationBuilder builder, LedgerDatabase database)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = CommandEndpoint.BodyBytesMax;
            kestrel.Limits.MaxRequestBufferSize = BodyRoom.BytesFree; // what is sent ahead of its turn; the default is a megabyte for each connection
        });
        AddParts(builder.Services, database);
        var app = builder.Build();
        EdgeErrors.Use(app);
        PageEndpoint.UseForUnknown(app);
        OpenApi.Map(app);
        RegisterPages.Map(app);
        DeskPages.Map(app);
        FindPages.Map(app);
        CertificatePages.Map(app);
        ProblemPages.Map(app);
        OrganizationEndpoints.Map(app);
        AccountEndpoints.Map(app);
        ProjectEndpoints.Map(app);
        ApplicationEndpoints.Map(app);
        VoucherEndpoints.Map(app);
        TransferEndpoints.Map(app);
        TradeEndpoints.Map(app);
        PledgeEndpoints.Map(app);
        FreezeEndpoints.Map(app);
        ReferencePriceEndpoints.Map(app);
        LoanEndpoints.Map(app);
        BankEndpoints.Map(app);
        VenuePriceEndpoints.Map(app);
        ReconciliationEndpoints.Map(app);
        RetirementEndpoints.Map(app);
        BulkEndpoints.Map(app);
        SchemeEndpoints.Map(app);
        CancellationEndpoints.Map(app);
        RevocationEndpoints.Map(app);
        LienStatementEndpoints.Map(app);
        AccountStatementEndpoints.Map(app);
        EmissionFactorEndpoints.Map(app);
        InventoryEndpoints.Map(app);
        ElectricityEndpoints.Map(app);
        ClaimEndpoints.Map(app);
        EventFeed.Map(app);
        Health.Map(app);
        Metrics.Map(app);
        return app;
    }

    private static void AddParts(IServiceCollection services, LedgerDatabase database)
    {
        services.AddSingleton(database);
        services.TryAddSingleton<IClock>(SystemClock.Instance);
        services.AddSingleton<LogHead>();
        services.AddSingleton<LogClock>();
        services.AddSingleton<LogTail>();
        services.AddSingleton<CommandQueue>();
        services.AddSingleton<BodyRoom>();
        services.AddSingleton<LedgerMeters>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<ThingReader>();
        services.AddSingleton<HoldingsReader>();
        services.AddSingleton<LoanReader>();
        services.AddSingleton<LoanStatementReader>();
        services.AddSingleton<RankReader>();
        services.AddSingleton<LoanValuer>();
        services.AddSingleton<PriorRankReader>();
        services.AddSingleton<CollateralBookReader>();
        services.AddSingleton<PriceReader>();
        services.AddSingleton<ReconciliationReader>();
        services.AddSingleton<RetirementReader>();
        services.AddSingleton<VoucherCertificateReader>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<BulkStore>();
        services.AddSingleton<BulkRunner>();
        services.AddSingleton<CancellationReader>();
        services.AddSingleton<RevocationReader>();
        services.AddSingleton<DailyRun>();
        services.AddSingleton<BalanceReader>();
        services.AddSingleton<FactorReader>();
        services.AddSingleton<InventoryReader>();
        services.AddSingleton<ElectricityReader>();
        services.AddSingleton<ClaimReader>();
        services.AddSingleton<ClaimCertificateReader>();
        services.AddSingleton<ProjectionSet>();
        services.AddSingleton<LienStatementReader>();
        services.AddSingleton<AccountStatementReader>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<SigningKeys>());
        services.AddHostedService<CommandLoop>();
        services.AddHostedService<HeadWatcher>();
        services.AddHostedService<Expiries>();
        services.AddHostedService<OwedFlags>();
        services.AddHostedService(p => p.GetRequiredService<DailyRun>());
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<ProjectionSet>().Balances);
        services.AddSingleton<IHostedService>(p => p.GetRequiredService<ProjectionSet>().Loans);
        services.AddHostedService<MarginWatcher>();
        services.AddRazorComponents();
        OpenApi.Add(services);
    }

    private static async Task<int> ServeAsync(WebApplicationBuilder builder, LedgerDatabase database, bool demo)
    {
        var serves = false;
        // Why it does not start is told in one line, by whoever catches it; the host's own log would tell it with a trace before that.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => serves && level >= LogLevel.Warning);
        await using var app = Build(builder, database);
        await app.StartAsync();
        serves = true;
        var url = app.Urls.First();
        Console.WriteLine($"CarbonLedger serves at {url} (API: {url}/swagger). Ctrl+C ends it.");
        if (demo)
        {
            await DemoCases.PlayAsync(new Uri(url), Console.Out);
        }

        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> RebuildAsync(LedgerDatabase database)
    {
        foreach (var projection in new Projection[] { new BalanceBook(), new LoanBook() })
        {
            var started = System.Diagnostics.Stopwatch.StartNew();
            var done = 0L;
            var progress = new Inline(p =>
            {
                done = p.Done;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{projection.Name}: {p.Done} of {p.Total} events"));
            });
            await new ProjectionRebuild(projection, database).RunAsync(progress, CancellationToken.None);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{projection.Name}: rebuilt from {done} events in {started.Elapsed.TotalSeconds:0.00} s ({done / started.Elapsed.TotalSeconds:0} events/s)"));
        }

        return 0;
    }

    /// <summary>Reports where it is called; the framework's own would report later, on another thread.</summary>
    private sealed class Inline(Action<(long Done, long Total)> report) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => report(value);
    }

    private sealed class StartRefusedException(string reason) : Exception(reason);
}
