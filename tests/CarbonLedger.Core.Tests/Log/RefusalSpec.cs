using System.Text.RegularExpressions;

namespace CarbonLedger.Core.Tests.Log;

/// <summary>Codes of refusals are public addresses: stable, and never used twice.</summary>
public sealed partial class RefusalSpec
{
    private static readonly Type[] Kinds = [.. typeof(Refusal).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Refusal)) && !t.IsAbstract)];

    [Fact]
    public void Every_refusal_is_a_sealed_case_of_Refusal() => Assert.All(Kinds, k => Assert.True(k.IsSealed && k.DeclaringType == typeof(Refusal), k.Name));

    [Fact]
    public void A_code_is_its_case_in_kebab_and_belongs_to_one_case()
    {
        var codes = Kinds.ToDictionary(k => k.Name, k => Make(k).Code);

        // The same fact, seen by the database instead of by the decision, is the same problem to the caller.
        Assert.Equal(codes["ParcelAlreadyCovered"], codes["ParcelCoveredMeanwhile"]);
        codes.Remove("ParcelCoveredMeanwhile");
        Assert.Equal(codes["RetirementAlreadyClaimed"], codes["RetirementClaimedMeanwhile"]);
        codes.Remove("RetirementClaimedMeanwhile");
        Assert.Equal(codes.Count, codes.Values.Distinct().Count());
        Assert.All(codes, c => Assert.Equal(Capital().Replace(c.Key, "-$0").TrimStart('-').ToLowerInvariant(), c.Value));
    }

    [Fact]
    public void Every_detail_is_a_sentence() =>
        Assert.All(Kinds.Select(Make), r => Assert.True(r.Detail.EndsWith('.') && r.Detail.Contains(' ') && Enum.IsDefined(r.Kind), r.Detail));

    private static Refusal Make(Type kind)
    {
        var constructor = kind.GetConstructors().Single();
        return (Refusal)constructor.Invoke([.. constructor.GetParameters().Select(p => p.ParameterType == typeof(string) ? "x" : p.ParameterType == typeof(SerialRange) ? Range(1, 2) : Activator.CreateInstance(p.ParameterType))]);
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
