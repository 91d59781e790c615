using CarbonLedger.Core.Vouchers;
using NodaTime.Text;
using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>Asks for the free units that a command does not name one by one.</summary>
internal static class SweepReader
{
    private static readonly string OfAccount = SqlText.Read("load_sweep_account");
    private static readonly string OfVoucher = SqlText.Read("load_sweep_voucher");
    private static readonly string OfScheme = SqlText.Read("load_sweep_scheme");

    public static NpgsqlBatchCommand Query(Sweep sweep)
    {
        var most = new NpgsqlParameter<int> { TypedValue = Sweep.PiecesMax + 1 };
        return sweep switch
        {
            Sweep.OfAccount of => BatchReader.Command(OfAccount, Id(of.Account.Value), Text(of.Scheme), most),
            Sweep.OfVoucher of => BatchReader.Command(OfVoucher, Id(of.Voucher.Value), most),
            Sweep.OfScheme of => BatchReader.Command(OfScheme, Text(of.Scheme), Text(LocalDatePattern.Iso.Format(of.EndedBy)), most),
            _ => throw new InvalidOperationException($"No statement for {sweep.GetType().Name}."),
        };
    }

    public static async Task ReadAsync(NpgsqlDataReader reader, Register register, Sweep sweep, CancellationToken stop)
    {
        var found = new List<(VoucherId, Piece)>();
        while (await reader.ReadAsync(stop))
        {
            var range = SerialRange.HalfOpen(reader.GetInt64(1), reader.GetInt64(2));
            found.Add((new VoucherId(reader.GetGuid(0)), new Piece(range, new AccountId(reader.GetGuid(3)), UnitStatus.Live, Locks.None)));
        }

        register.LoadSweep(sweep, found);
    }

    private static NpgsqlParameter Id(Guid value) => new NpgsqlParameter<Guid> { TypedValue = value };

    private static NpgsqlParameter Text(string value) => new NpgsqlParameter<string> { TypedValue = value };
}
