using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace CarbonLedger.Benchmarks.Load;

/// <summary>Drives one point: connections with one request in flight each, on one thread.</summary>
internal static class HttpLoad
{
    /// <summary>How long the answers to the last requests may take.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(30);

    /// <param name="atStart">Called when the warm-up ends.</param>
    /// <param name="atEnd">Called when the measuring ends, before the last answers are awaited.</param>
    public static LoadResult Run(
        string name, IReadOnlyList<IPEndPoint> servers, int connections, Traffic traffic, TimeSpan warmUp, TimeSpan measure, Action atStart, Action atEnd)
    {
        using var epoll = new Epoll(connections);
        var all = Enumerable.Range(0, connections).Select(i => new LoadConnection(servers[i % servers.Count])).ToArray();
        try
        {
            var state = new State(all, traffic);
            for (var i = 0; i < connections; i++)
            {
                epoll.Watch(all[i].Socket, i);
                state.Send(i);
            }

            state.RunUntil(epoll, warmUp, sending: true);
            atStart();
            state.Latencies.Clear();
            var started = Stopwatch.GetTimestamp();
            state.RunUntil(epoll, measure, sending: true);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var latencies = state.Latencies.ToArray();
            atEnd();
            state.RunUntil(epoll, DrainMax, sending: false);
            Array.Sort(latencies);
            return new LoadResult(
                name, connections, latencies.Length / seconds, At(latencies, 0.5), At(latencies, 0.99), At(latencies, 1), state.Good, state.Events, state.Errors);
        }
        finally
        {
            foreach (var connection in all)
            {
                connection.Dispose();
            }
        }
    }

    private static double At(int[] sortedMicroseconds, double part) =>
        sortedMicroseconds.Length == 0 ? 0 : sortedMicroseconds[Math.Min(sortedMicroseconds.Length - 1, (int)(part * sortedMicroseconds.Length))] / 1000.0;

    private sealed class State(LoadConnection[] connections, Traffic traffic)
    {
        private readonly int[] ready = new int[connections.Length];
        private int inFlight;

        /// <summary>Microseconds of each good answer.</summary>
        public List<int> Latencies { get; } = new(1_000_000);

        public long Good { get; private set; }

        /// <summary>What the good answers stand for.</summary>
        public long Events { get; private set; }

        public Dictionary<int, long> Errors { get; } = [];

        public void Send(int number)
        {
            var connection = connections[number];
            var length = traffic.Next(number, connection.Outgoing);
            connection.SentAt = Stopwatch.GetTimestamp();
            connection.Send(length);
            inFlight++;
        }

        /// <summary>Takes answers until the time is over, or, when nothing more is sent, until all have come.</summary>
        public void RunUntil(Epoll epoll, TimeSpan time, bool sending)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            while (inFlight > 0 && Stopwatch.GetTimestamp() < until)
            {
                foreach (var number in ready.AsSpan(0, epoll.Wait(ready, 50)))
                {
                    if (connections[number].TryReceive(out var status, out var body))
                    {
                        inFlight--;
                        Take(number, status, body);
                        if (sending)
                        {
                            Send(number);
                        }
                    }
                }
            }

            if (inFlight > 0 && !sending)
            {
                throw new TimeoutException($"{inFlight} requests were not answered within {time.TotalSeconds:0} s.");
            }
        }

        private void Take(int number, int status, ReadOnlySpan<byte> body)
        {
            if (status != traffic.GoodStatus)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(Errors, status, out _)++;
                return;
            }

            Good++;
            Latencies.Add((int)Math.Min(int.MaxValue, Stopwatch.GetElapsedTime(connections[number].SentAt).TotalMicroseconds));
            Events += traffic.Answered(number, body);
        }
    }
}
