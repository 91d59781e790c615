using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Telemetry;

/// <summary><c>/metrics</c> in Prometheus's text form, over the meters of this process.</summary>
public static class Metrics
{
    public static void Map(WebApplication app)
    {
        var meters = app.Services.GetRequiredService<LedgerMeters>();
        var (queue, head, projections) = (app.Services.GetRequiredService<CommandQueue>(), app.Services.GetRequiredService<LogHead>(), app.Services.GetRequiredService<ProjectionSet>());
        meters.Gauge("carbonledger_queue_commands", "Commands waiting.", () => queue.Depth);
        meters.Gauge("carbonledger_log_index", "The newest log position known to this process.", () => head.Index);
        meters.Gauge("carbonledger_projection_lag_events", "How far the slowest projection is behind.", () => head.Index - projections.All.Min(p => Math.Min(p.Position, head.Index)));
        meters.Gauge("carbonledger_resident_bytes", "Resident memory of this process.", () => Environment.WorkingSet);

        var collected = new Collected();
        app.Lifetime.ApplicationStopped.Register(collected.Dispose);
        app.Get("/metrics", () => Results.Text(collected.Render(), "text/plain; version=0.0.4"))
            .WithTags("Health").WithSummary("Metrics in Prometheus's text form.").Produces<string>(contentType: "text/plain");
    }

    private sealed class Collected : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly ConcurrentDictionary<string, (string Kind, string? Help, double Value)> values = new(StringComparer.Ordinal);

        public Collected()
        {
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == LedgerMeters.Name)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Record(instrument, value));
            listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Record(instrument, value));
            listener.Start();
        }

        public string Render()
        {
            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var (name, (kind, help, value)) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
            }

            return text.ToString();
        }

        public void Dispose() => listener.Dispose();

        private void Record(Instrument instrument, double value)
        {
            if (instrument is ObservableGauge<long>)
            {
                values[instrument.Name] = ("gauge", instrument.Description, value);
            }
            else
            {
                values.AddOrUpdate(instrument.Name, ("counter", instrument.Description, value), (_, old) => (old.Kind, old.Help, old.Value + value));
            }
        }
    }
}
