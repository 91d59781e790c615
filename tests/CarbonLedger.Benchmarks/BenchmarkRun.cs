using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CarbonLedger.Benchmarks.Floor;
using CarbonLedger.Benchmarks.Growth;
using CarbonLedger.Benchmarks.Load;
using CarbonLedger.Benchmarks.Machine;
using CarbonLedger.Benchmarks.Report;
using CarbonLedger.Benchmarks.Seed;
using Npgsql;

namespace CarbonLedger.Benchmarks;

/// <summary>One run: everything on one machine, floor and points in turn, so that ratios compare like with like.</summary>
internal sealed partial class BenchmarkRun(Options options, Database database)
{
    private readonly Figures figures = new();
    private readonly HttpClient http = new();
    private PgbenchFloor? floor;

    /// <returns>True when nothing was lost and nothing failed; a missed budget is a result, not a failure.</returns>
    public static async Task<bool> RunAsync(Options options)
    {
        var firstStart = options.Wants("first-start") ? await FirstStartAsync() : (double?)null;
        await using var database = await Database.StartAsync(options);
        var run = new BenchmarkRun(options, database);
        run.figures.FirstStartSeconds = firstStart;
        await run.MeasureAsync();
        var file = ResultsFile.Write(options, MachineFacts.Read(), await database.SettingsAsync(), run.figures);
        Say($"Written to {Path.GetFileName(file)}.");
        run.figures.Wrong.ForEach(w => Say($"WRONG: {w}"));
        return run.figures.Wrong.Count == 0;
    }

    private async Task MeasureAsync()
    {
        await PrepareFloorAsync();
        var ledger = ("ConnectionStrings__Ledger", database.Ledger.ConnectionString);
        await using (var server = await ServerProcess.StartAsync(ledger))
        {
            var seeded = await SeedAsync(server);
            await FloorAsync();
            await PointAsync("uniform-64", [server], 64, new UniformTransfers(seeded));
            await PointAsync("uniform-16", [server], 16, new UniformTransfers(seeded));
            await InTurnAsync(server, 256, new UniformTransfers(seeded), [("one-voucher", new OneVoucherTransfers(seeded))]);
            await FloorAsync();
            await InTurnAsync(server, 64, new UniformTransfers(seeded), [("pledges", new PledgesAndReleases(seeded, 64)), ("settlements", new TradesAndSettlements(seeded, 64))]);
            await FloorAsync();
            await PointAsync("one-voucher-64", [server], 64, new OneVoucherTransfers(seeded));
            await PointAsync("one-voucher-16", [server], 16, new OneVoucherTransfers(seeded));
            await PointAsync("retirements-64", [server], 64, new Retirements(seeded));
            await PointAsync("one-server-256", [server], 256, new UniformTransfers(seeded));
            await TwoServersAsync(server, seeded, ledger);
            await FloorAsync();
            await ProjectedAsync();
            await PointAsync("balances-64", [server], 64, new BalanceReads(seeded));
            await GrowAndRebuildAsync(server, seeded, ledger);
        }

        await using var connection = await database.OpenLedgerAsync();
        figures.Events = await LedgerChecks.HeadAsync(connection);
        figures.Wrong.AddRange(await LedgerChecks.FindAsync(connection));
    }

    /// <summary>Transfers of all vouchers and what is compared with them, in turn, several times, with transfers at both ends: a machine whose pace drifts takes from all alike.</summary>
    private async Task InTurnAsync(ServerProcess server, int connections, Traffic transfers, IReadOnlyList<(string Name, Traffic Traffic)> compared)
    {
        for (var round = 0; round < options.Rounds; round++)
        {
            await PointAsync($"transfers-{connections}", [server], connections, transfers);
            foreach (var (name, traffic) in compared)
            {
                await PointAsync($"{name}-{connections}", [server], connections, traffic);
            }
        }

        await PointAsync($"transfers-{connections}", [server], connections, transfers);
    }

    private async Task TwoServersAsync(ServerProcess server, Seeded seeded, (string, string) ledger)
    {
        if (options.Wants("two-servers-256"))
        {
            await using var second = await ServerProcess.StartAsync(ledger);
            WarmUp(second, seeded);
            await PointAsync("two-servers-256", [server, second], 256, new UniformTransfers(seeded));
        }
    }

    private async Task GrowAndRebuildAsync(ServerProcess server, Seeded seeded, (string, string) ledger)
    {
        await server.DisposeAsync();
        if (options.Grow > 0)
        {
            // The same point just before, so that both ends of the ratio lie close together. Both begin when the projections have caught up and a checkpoint is over.
            await using (var before = await ServerProcess.StartAsync(ledger))
            {
                await RestAsync();
                WarmUp(before, seeded);
                await PointAsync("before-growth-256", [before], 256, new UniformTransfers(seeded));
                await ProjectedAsync();
            }

            await using (var connection = await database.OpenLedgerAsync())
            {
                figures.Grown = await LogGrowth.AddAsync(connection, options.Grow, Say);
            }

            await using var after = await ServerProcess.StartAsync(ledger);
            await ProjectedAsync();
            await RestAsync();
            WarmUp(after, seeded);
            await PointAsync("after-growth-256", [after], 256, new UniformTransfers(seeded));
        }

        // Of the largest log there is: a short one would measure how fast the program is compiled.
        if (options.Wants("rebuild"))
        {
            foreach (Match line in RebuiltLine().Matches(await ServerProcess.RunAsync("--rebuild", ledger)))
            {
                figures.Rebuilt.Add((line.Groups[1].Value, long.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture), double.Parse(line.Groups[3].Value, CultureInfo.InvariantCulture)));
                Say($"rebuild {line.Groups[1].Value}: {line.Groups[3].Value} events/s");
            }
        }
    }

    /// <summary>Leaves nothing to clean up or to flush: the projections of ten million events alone fill more log than PostgreSQL keeps without a checkpoint.</summary>
    private async Task RestAsync()
    {
        await using var connection = await database.OpenLedgerAsync();
        await Sql.ExecuteAsync(connection, "vacuum analyze");
        await Sql.ExecuteAsync(connection, "checkpoint");
    }

    /// <summary>The first server was compiled to its fastest form by the seeding; any later one must be too before it is measured.</summary>
    private void WarmUp(ServerProcess server, Seeded seeded) =>
        HttpLoad.Run("warm-up", [server.EndPoint], 256, new UniformTransfers(seeded), options.Measure, options.Measure, () => { }, () => { });

    private async Task<Seeded> SeedAsync(ServerProcess server)
    {
        var started = Stopwatch.GetTimestamp();
        using var seeding = new Seeding(server.Url);
        var seeded = await seeding.RunAsync(options.Vouchers);
        await ProjectedAsync();
        await using var connection = await database.OpenLedgerAsync();
        await Sql.ExecuteAsync(connection, "vacuum analyze");
        Say($"seeded {options.Vouchers} vouchers and accounts through the API in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        return seeded;
    }

    private async Task PointAsync(string name, IReadOnlyList<ServerProcess> servers, int connections, Traffic traffic)
    {
        if (!options.Wants(name))
        {
            return;
        }

        await using var connection = await database.OpenLedgerAsync();
        var before = await LedgerChecks.HeadAsync(connection);
        ProcessorTimes? times = null;
        ServerCounters? counters = null;
        Cores? cores = null;
        (double, double)? batch = null;
        var result = HttpLoad.Run(
            name,
            [.. servers.Select(s => s.EndPoint)],
            connections,
            traffic,
            options.WarmUp,
            options.Measure,
            atStart: () => (times, counters) = (new ProcessorTimes([.. servers.Select(s => s.Id)], database.Postmaster), new ServerCounters(http, servers[0].Url)),
            atEnd: () => (cores, batch) = (times!.SinceStart(), counters!.SinceStart()));
        result = result with { Cores = cores, Batch = batch, ServerMegabytes = servers.Max(s => ProcessorTimes.PeakMegabytes(s.Id)) };
        var grown = await LedgerChecks.HeadAsync(connection) - before;
        if (grown != result.ExpectedEvents || result.Errors.Count > 0)
        {
            figures.Wrong.Add($"{name}: {result.Answers} good answers stand for {result.ExpectedEvents} events, the log grew by {grown}; other answers: {string.Join(", ", result.Errors.Select(e => $"{e.Value} × {e.Key}"))}");
        }

        figures.Points.Add(result);
        Say($"{name}: {result.PerSecond:0}/s, p50 {result.P50Ms:0.0} ms, p99 {result.P99Ms:0.0} ms, max {result.MaxMs:0} ms, {batch?.Item1:0} per batch of {batch?.Item2:0.0} ms, "
            + $"cores {cores!.Driver:0.00} driver {cores.Servers:0.00} server {cores.Postgres:0.00} postgres {cores.Total:0.00} total");
    }

    private async Task PrepareFloorAsync()
    {
        await using var connection = await database.OpenLedgerAsync();
        if (options.Wants("floor") && PgbenchFloor.Find(connection.PostgreSqlVersion.Major) is { } program)
        {
            floor = new PgbenchFloor(program, database.Floor, options.Vouchers);
            await floor.PrepareAsync();
        }
        else if (options.Wants("floor"))
        {
            Say("There is no pgbench beside this PostgreSQL: no floor, no ratios to it.");
        }
    }

    private async Task FloorAsync()
    {
        foreach (var way in floor is null ? [] : PgbenchFloor.Ways)
        {
            var (perSecond, p99) = await floor!.RunAsync(way, options.Measure / 2);
            figures.Floors.Add((way, perSecond, p99));
            Say($"floor, {way}: {perSecond:0}/s, p99 {p99:0.0} ms");
        }
    }

    /// <summary>Waits until the projections have the whole log.</summary>
    private async Task ProjectedAsync()
    {
        await using var connection = await database.OpenLedgerAsync();
        while (await Sql.ScalarAsync<long>(connection, "select (select log_index from ledger.head) - min(last_seq_id) from mt_event_progression") > 0)
        {
            await Task.Delay(50);
        }
    }

    private static async Task<double> FirstStartAsync()
    {
        var folder = Database.TemporaryFolder();
        var started = Stopwatch.GetTimestamp();
        await using (await ServerProcess.StartAsync(("Ledger__DataFolder", folder)))
        {
            Say($"first start: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s");
            started = Stopwatch.GetTimestamp() - started;
        }

        Directory.Delete(folder, recursive: true);
        return (double)started / Stopwatch.Frequency;
    }

    private static void Say(string line) => Console.WriteLine(line);

    [GeneratedRegex(@"^(\S+): rebuilt from (\d+) events in [0-9.]+ s \((\d+) events/s\)", RegexOptions.Multiline)]
    private static partial Regex RebuiltLine();
}
