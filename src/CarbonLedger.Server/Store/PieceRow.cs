using CarbonLedger.Core.Vouchers;
using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>A piece from a row that has, side by side, its first serial, the one after its last, its account, its status and its locks.</summary>
internal static class PieceRow
{
    public static Piece Read(NpgsqlDataReader reader, int column) => new(
        SerialRange.HalfOpen(reader.GetInt64(column), reader.GetInt64(column + 1)),
        new AccountId(reader.GetGuid(column + 2)),
        (UnitStatus)reader.GetInt16(column + 3),
        reader.IsDBNull(column + 4) ? Locks.None : Locks.Parse(reader.GetString(column + 4)));
}
