using Npgsql;

namespace CarbonLedger.Benchmarks;

/// <summary>What must be true after the load.</summary>
internal static class LedgerChecks
{
    public static Task<long> HeadAsync(NpgsqlConnection connection) => Sql.ScalarAsync<long>(connection, "select log_index from ledger.head");

    /// <returns>What is wrong; nothing when all is well.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(NpgsqlConnection connection)
    {
        var wrong = new List<string>();
        var head = await HeadAsync(connection);
        foreach (var (what, sql) in ((string, string)[])
        [
            ("events in mt_events", "select count(*) from mt_events where seq_id between 1 and (select log_index from ledger.head)"),
            ("leaves", "select count(*) from ledger.leaves where seq_id between 1 and (select log_index from ledger.head)"),
            ("greatest position", "select max(seq_id) from mt_events"),
        ])
        {
            if (await Sql.ScalarAsync<long>(connection, sql) is var count && count != head)
            {
                wrong.Add($"{what}: {count}, but the head stands at {head}");
            }
        }

        if (await Sql.ScalarAsync<long>(connection, VouchersThatDisagree) is > 0 and var vouchers)
        {
            wrong.Add($"{vouchers} vouchers whose pieces do not make up what was issued");
        }

        if (await Sql.ScalarAsync<long>(connection, HashesThatDisagree) is > 0 and var hashes)
        {
            wrong.Add($"{hashes} of the last 100,000 leaves whose hash is not that of their bytes");
        }

        return wrong;
    }

    private const string VouchersThatDisagree = """
        select count(*) from (
            select s.id, (s.state ->> 'kilograms')::bigint as issued, coalesce(sum(p.last_serial - p.ended), 0) as held
            from ledger.states s
            left join (select voucher_id, last_serial, lag(last_serial, 1, 0::bigint) over (partition by voucher_id order by last_serial) as ended from ledger.pieces) p
                on p.voucher_id = s.id
            where s.kind = 'voucher' group by s.id, s.state ->> 'kilograms') v
        where issued <> held
        """;

    private const string HashesThatDisagree = """
        select count(*) from ledger.leaves
        where seq_id > (select log_index - 100000 from ledger.head) and hash <> sha256('\x00'::bytea || bytes)
        """;
}
