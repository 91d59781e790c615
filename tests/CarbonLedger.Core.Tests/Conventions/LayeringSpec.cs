using System.Reflection;
using System.Text.RegularExpressions;

namespace CarbonLedger.Core.Tests.Conventions;

/// <summary>What keeps Core pure and its words few.</summary>
public sealed partial class LayeringSpec
{
    private static readonly Assembly Core = typeof(Register).Assembly;
    private static readonly Type[] Types = [.. Core.GetTypes().Where(t => !t.Name.Contains('<') && t.Namespace?.StartsWith("CarbonLedger", StringComparison.Ordinal) == true)];

    [Fact]
    public void Core_knows_NodaTime_and_the_base_class_library_only() =>
        Assert.All(Core.GetReferencedAssemblies(), a => Assert.True(a.Name == "NodaTime" || a.Name!.StartsWith("System.", StringComparison.Ordinal), a.Name));

    /// <summary>A decision that could reach a socket, a file or a database would not be a pure function.</summary>
    [Fact]
    public void Core_reaches_no_outside_world() =>
        Assert.All(Core.GetReferencedAssemblies(), a => Assert.DoesNotMatch(@"^System\.(Net|Data|IO\.FileSystem|Diagnostics\.Process|Console|Threading)(\.|$)", a.Name!));

    [Fact]
    public void Names_say_what_a_thing_is() =>
        Assert.All(Types, t => Assert.DoesNotMatch(@"\b(Manager|Helper|Service|Processor|Info|Util|Utility|Utilities)s?\b|\bData$", Word().Replace(t.Name, "$0 ").TrimEnd()));

    [Fact]
    public void Nothing_static_and_public_can_be_changed()
    {
        var mutable = Types
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => !f.IsInitOnly && !f.IsLiteral).Select(f => $"{t.Name}.{f.Name}")
                .Concat(t.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.SetMethod is { IsPublic: true }).Select(p => $"{t.Name}.{p.Name}")));

        Assert.Empty(mutable);
    }

    [Fact]
    public void Every_command_is_a_sealed_record()
    {
        var commands = Types.Where(t => t.IsSubclassOf(typeof(Command))).ToArray();

        Assert.NotEmpty(commands);
        Assert.All(commands, c => Assert.True(c.IsSealed && c.GetMethod("<Clone>$") is not null, c.Name));
    }

    [Fact]
    public void Every_command_has_a_spec()
    {
        var specs = typeof(LayeringSpec).Assembly.GetTypes().Select(t => t.Name).ToHashSet();

        Assert.All(Types.Where(t => t.IsSubclassOf(typeof(Command))), c => Assert.Contains(c.Name + "Spec", specs));
    }

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Word();
}
