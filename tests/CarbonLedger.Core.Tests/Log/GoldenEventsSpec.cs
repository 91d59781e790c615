using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CarbonLedger.Core.Tests.Log;

/// <summary>The bytes of every event type, pinned for ever: they are hashed into the log's tree, so a change of one byte breaks every proof.</summary>
/// <remarks>A golden file is never changed. An event that must look different is a new type with a new name and a new file.</remarks>
public sealed class GoldenEventsSpec
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Log", "golden");

    public static TheoryData<string> Names() => [.. EventExamples.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encoding_gives_the_golden_bytes(string name) => Assert.Equal(Golden(name), Encoding.UTF8.GetString(Encode(EventExamples.Recorded(name))));

    [Theory]
    [MemberData(nameof(Names))]
    public void Golden_bytes_are_read_and_written_back_the_same(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(Golden(name));
        var decoded = EventCodec.Decode(bytes);
        var expected = EventExamples.Recorded(name);

        Assert.Equal(
            (expected.LogIndex, expected.Version, expected.At, expected.Actor, expected.Fact.GetType()),
            (decoded.LogIndex, decoded.Version, decoded.At, decoded.Actor, decoded.Fact.GetType()));
        Assert.Equal(bytes, Encode(decoded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_data_part_alone_is_read(string name)
    {
        var (bytes, start) = EventCodec.Encode(EventExamples.Recorded(name), new ArrayBufferWriter<byte>());
        var (actor, fact) = EventCodec.DecodeData(EventCodec.TypeOf(EventExamples.All[name]), bytes.AsSpan(start, bytes.Length - 1 - start));

        Assert.Equal(EventExamples.Recorded(name).Actor, actor);
        Assert.Equal(Ledger.Text(EventExamples.All[name]), Ledger.Text(fact));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Canonical_bytes_are_one_json_object_without_blanks_and_with_its_members_in_order(string name)
    {
        using var document = JsonDocument.Parse(Golden(name));

        Assert.Equal(["logIndex", "streamId", "version", "type", "at", "data"], document.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal("actor", document.RootElement.GetProperty("data").EnumerateObject().First().Name);
        Assert.DoesNotContain("\":null", Golden(name), StringComparison.Ordinal);
        Assert.DoesNotContain("\": ", Golden(name), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_is_written_in_one_way_however_it_was_read()
    {
        var recorded = EventExamples.Recorded(EventExamples.All.Keys.First());
        var (half, next) = (recorded with { At = Instant.FromUnixTimeMilliseconds(1_767_225_600_500) }, recorded with { At = Instant.FromUnixTimeMilliseconds(1_767_225_601_000) });
        var bytes = Encode(half);
        var other = Encoding.UTF8.GetString(bytes).Replace("00:00:00.5Z", "00:00:00.500Z", StringComparison.Ordinal);

        Assert.Contains("00:00:00.500Z", other, StringComparison.Ordinal);
        Assert.Equal(half.At, EventCodec.Decode(Encoding.UTF8.GetBytes(other)).At);
        Assert.Equal(bytes, Encode(half));
        Assert.Equal(next.At, EventCodec.Decode(Encode(next)).At);
        Assert.Equal(half.At, EventCodec.Decode(bytes).At);
    }

    [Fact]
    public void Every_type_has_a_golden_file_and_every_file_a_type()
    {
        var files = Directory.EnumerateFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(EventExamples.All.Keys.Order(StringComparer.Ordinal), files);
        Assert.Equal(EventCodec.TypeNames.Order(StringComparer.Ordinal), files.Where(f => !f.Contains('.')));
        Assert.All(EventExamples.All, e => Assert.Equal(e.Key.Split('.')[0], EventCodec.TypeOf(e.Value)));
    }

    [Fact]
    public void Examples_leave_no_member_empty()
    {
        // A member that came later stands in an example of its own: the bytes of the first one are for ever.
        foreach (var examples in EventExamples.All.Values.GroupBy(e => e.GetType()))
        {
            var empty = examples.Key.GetProperties().Where(p => examples.All(e => p.GetValue(e) is null)).Select(p => p.Name).ToArray();
            Assert.True(empty.Length == 0, $"{examples.Key.Name}: {string.Join(", ", empty)}");
        }
    }

    /// <summary>The stream's id stands beside the data; a second one inside could only disagree with it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_data_does_not_repeat_the_stream(string name)
    {
        using var document = JsonDocument.Parse(Encode(EventExamples.Recorded(name)));

        Assert.False(document.RootElement.GetProperty("data").TryGetProperty("stream", out _));
    }

    [Fact]
    public void Unknown_types_are_refused() => Assert.Throws<JsonException>(() => EventCodec.DecodeData("units_burnt", "{}"u8));

    [Fact]
    public void An_event_without_data_is_refused() => Assert.Throws<JsonException>(() => EventCodec.Decode("{\"logIndex\":1}"u8));

    [Fact]
    public void An_event_without_an_actor_is_refused() =>
        Assert.Throws<JsonException>(() => EventCodec.DecodeData("account_closed", "{\"account\":\"01920020-0000-7000-8000-000000000001\"}"u8));

    private static byte[] Encode(RecordedEvent recorded) => EventCodec.Encode(recorded, new ArrayBufferWriter<byte>()).Bytes;

    private static string Golden(string name) => File.ReadAllText(Path.Combine(Folder, name + ".json"));
}
