using System.Globalization;
using Npgsql;

namespace CarbonLedger.Benchmarks.Growth;

/// <summary>Makes the log long by SQL, with transfers that the projections and the audit accept. The servers must be stopped.</summary>
internal static class LogGrowth
{
    private const long EventsPerStatement = 200_000;

    /// <returns>How many events were added: the number asked for, rounded up so that every kilogram is back where it was.</returns>
    public static async Task<long> AddAsync(NpgsqlConnection connection, long events, Action<string> say)
    {
        await Sql.ExecuteAsync(connection, Prepare);
        var vouchers = await Sql.ScalarAsync<long>(connection, "select count(*) from growth");
        var added = (events + (2 * vouchers) - 1) / (2 * vouchers) * 2 * vouchers;
        var head = await LedgerChecks.HeadAsync(connection);
        var at = await Sql.ScalarAsync<string>(connection, "select to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from ledger.head");
        for (long from = 0; from < added; from += EventsPerStatement)
        {
            await Sql.ExecuteAsync(connection, Sql.Text("growth")
                .Replace("{base}", Text(head), StringComparison.Ordinal)
                .Replace("{vouchers}", Text(vouchers), StringComparison.Ordinal)
                .Replace("{from}", Text(from), StringComparison.Ordinal)
                .Replace("{to}", Text(Math.Min(added, from + EventsPerStatement) - 1), StringComparison.Ordinal)
                .Replace("{at}", at, StringComparison.Ordinal));
            say($"  {Math.Min(added, from + EventsPerStatement)} of {added} events");
        }

        await Sql.ExecuteAsync(connection, $"""
            update mt_streams s set version = g.version + {added / vouchers}, timestamp = (select at from ledger.head) from growth g where s.id = g.id;
            update ledger.head set log_index = log_index + {added};
            select setval('mt_events_sequence', {head + added});
            drop table growth
            """);
        await Sql.ExecuteAsync(connection, "vacuum analyze");
        return added;
    }

    // The foreign key to the streams holds by construction; checking it row by row would double the time.
    private const string Prepare = """
        set session_replication_role = replica;
        create table growth as
            select row_number() over (order by s.id) - 1 as number, s.id, m.version, (s.state ->> 'kilograms')::bigint as kilograms,
                   p.account_id as holder, (select id from ledger.states a where a.kind = 'account' and a.id <> p.account_id order by begun_index limit 1) as other
            from ledger.states s
            join mt_streams m on m.id = s.id
            join lateral (select account_id, status, locked from ledger.pieces p
                          where p.voucher_id = s.id order by last_serial desc limit 1) p on p.status = 0 and not p.locked
            where s.kind = 'voucher';
        create index on growth (number);
        analyze growth
        """;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
