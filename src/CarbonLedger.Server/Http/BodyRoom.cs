using CarbonLedger.Server.Bulk;

namespace CarbonLedger.Server.Http;

/// <summary>Memory for the bodies that are being read and worked on. Small ones need none of it, so commands go on while files fill it.</summary>
public sealed class BodyRoom
{
    /// <summary>As many of the greatest files as are worked off at once: a hundred that come together would take some gigabytes.</summary>
    public const long BytesMax = (long)BulkRunner.JobsMax * BulkFile.BytesMax;

    /// <summary>A body up to this needs no room: a transfer with 100 lines of one range fits four times over.</summary>
    public const int BytesFree = 64 * 1024;

    private long taken;

    /// <summary>A place in the room for one request, which gives it back at its end.</summary>
    public Place Enter(HttpContext http)
    {
        var place = new Place(this);
        http.Response.RegisterForDispose(place);
        return place;
    }

    public sealed class Place(BodyRoom room) : IDisposable
    {
        private long mine;

        /// <summary>Makes the place as large as what has been read so far: what is announced and never sent takes nothing from others.</summary>
        /// <returns>False when there is no room left.</returns>
        public bool TryGrow(long bytes)
        {
            var more = bytes - mine;
            if (Interlocked.Add(ref room.taken, more) > BytesMax)
            {
                Interlocked.Add(ref room.taken, -more);
                return false;
            }

            mine = bytes;
            return true;
        }

        public void Dispose() => Interlocked.Add(ref room.taken, -Interlocked.Exchange(ref mine, 0));
    }
}
