using System.Net.Sockets;
using Npgsql;

namespace CarbonLedger.Server.Store;

/// <summary>What PostgreSQL's being away, going away, or refusing looks like from here.</summary>
public static class DatabaseFault
{
    /// <summary>Whether it is worth trying again later: the server, its connections or a statement failed, not this program.</summary>
    public static bool IsDatabaseFault(this Exception e) => e is NpgsqlException or IOException or TimeoutException or SocketException;
}
