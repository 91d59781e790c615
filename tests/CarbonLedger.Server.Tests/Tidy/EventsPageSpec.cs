using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CarbonLedger.Core.Log;

namespace CarbonLedger.Server.Tests.Tidy;

/// <summary>docs/reference/events.md says what the codec writes: every type, every member, and examples in its own bytes.</summary>
public sealed partial class EventsPageSpec
{
    // The contract that the codec writes with is for it alone.
    private static readonly JsonSerializerContext Contract = (JsonSerializerContext)typeof(EventCodec).Assembly
        .GetType("CarbonLedger.Core.Log.EventJson", throwOnError: true)!
        .GetProperty("Default", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)!
        .GetValue(null)!;

    private static readonly string Page = File.ReadAllText(Path.Combine(RepositorySpec.Root, "docs/reference/events.md"));

    private static readonly Dictionary<string, string> Sections = Section().Matches(Page).ToDictionary(m => m.Groups[1].Value, m => m.Value);

    [Fact]
    public void Every_type_stands_in_the_list_with_its_stream_and_has_a_section()
    {
        var listed = ListRow().Matches(Page).Select(m => (m.Groups[1].Value, m.Groups[2].Value));

        Assert.Equal(EventCodec.TypeNames.Select(t => (t, EventCodec.StreamTypeOf(t)!)).Order(), listed.Order());
        Assert.Equal(EventCodec.TypeNames.Order(StringComparer.Ordinal), Sections.Keys.Order(StringComparer.Ordinal));
        Assert.All(Sections, s => Assert.Contains($"Stream: {EventCodec.StreamTypeOf(s.Key)}", s.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_example_is_in_the_bytes_that_the_codec_writes() => Assert.All(Sections, section =>
    {
        var example = ExampleOf(section.Value);
        var recorded = EventCodec.Decode(Encoding.UTF8.GetBytes(example));

        Assert.Equal(section.Key, EventCodec.TypeOf(recorded.Fact));
        Assert.Equal(example, Encoding.UTF8.GetString(EventCodec.Encode(recorded, new ArrayBufferWriter<byte>()).Bytes));
    });

    [Fact]
    public void Every_member_of_every_event_has_its_row_in_the_order_of_the_bytes() => Assert.All(Sections, section =>
        Assert.Equal(MembersOf(FactOf(section.Value)).Select(m => m.Name), RowNames(section.Value)));

    [Fact]
    public void What_stands_inside_a_member_is_named_too() => Assert.All(Sections, section =>
    {
        // A section may leave it to another that it links.
        var text = section.Value + string.Concat(LinkWithin().Matches(section.Value).Select(l => Sections[l.Groups[1].Value]));
        var named = CodeSpan().Matches(Example().Replace(text, "")).SelectMany(c => Word().Matches(c.Value)).Select(w => w.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(NamesWithin(FactOf(section.Value)).Except(named));
    });

    private static Type FactOf(string section) => EventCodec.Decode(Encoding.UTF8.GetBytes(ExampleOf(section))).Fact.GetType();

    private static string ExampleOf(string section) => Example().Matches(section).Single().Groups[1].Value;

    private static IEnumerable<string> RowNames(string section) => MemberRow().Matches(section)
        .SelectMany(r => CodeSpan().Matches(r.Groups[1].Value))
        .Select(c => c.Value.Trim('`'));

    /// <summary>What is written of a type; nothing for one that is written as a value.</summary>
    private static IEnumerable<(string Name, Type Type)> MembersOf(Type type) => Contract.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } json
        ? json.Properties.Where(p => p is { Get: not null, AssociatedParameter: not null }).Select(p => (p.Name, p.PropertyType))
        : [];

    private static HashSet<string> NamesWithin(Type type)
    {
        var (names, seen, left) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<Type>(), new Queue<Type>([type]));
        while (left.TryDequeue(out var next))
        {
            var one = next.GetInterfaces().Prepend(next).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0]
                ?? Nullable.GetUnderlyingType(next)
                ?? next;
            if (!seen.Add(one))
            {
                continue;
            }

            foreach (var member in MembersOf(one))
            {
                names.Add(member.Name);
                left.Enqueue(member.Type);
            }
        }

        return names;
    }

    [GeneratedRegex(@"^## ([a-z_]+)\n(?:(?!^## ).*\n?)*", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\| \[`(\w+)`\]\(#\1\) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex ListRow();

    [GeneratedRegex(@"^\| (`.*?) \|", RegexOptions.Multiline)]
    private static partial Regex MemberRow();

    [GeneratedRegex(@"```json\n(.*)\n```")]
    private static partial Regex Example();

    [GeneratedRegex(@"\]\(#(\w+)\)")]
    private static partial Regex LinkWithin();

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
