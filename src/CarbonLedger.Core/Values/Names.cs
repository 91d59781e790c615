using System.Text.Json;

namespace CarbonLedger.Core.Values;

/// <summary>The words of closed lists, in the log, on the wire and in tables: members of an enumeration in camelCase, to the letter.</summary>
/// <remarks>Renaming a member would change what is written; the golden files of the events would say so.</remarks>
public static class Names
{
    /// <exception cref="KeyNotFoundException">The value is none of the list.</exception>
    public static string Of<TEnum>(TEnum value) where TEnum : struct, Enum => Words<TEnum>.ByValue[value];

    /// <summary>The value that is called so; null when none is.</summary>
    public static TEnum? Find<TEnum>(string text) where TEnum : struct, Enum => Words<TEnum>.ByName.TryGetValue(text, out var value) ? value : null;

    /// <summary>All words of the list, in its order.</summary>
    public static IReadOnlyList<string> All<TEnum>() where TEnum : struct, Enum => Words<TEnum>.All;

    private static class Words<TEnum> where TEnum : struct, Enum
    {
        public static readonly IReadOnlyDictionary<TEnum, string> ByValue =
            Enum.GetValues<TEnum>().ToDictionary(v => v, v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));

        public static readonly IReadOnlyDictionary<string, TEnum> ByName = ByValue.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal);

        public static readonly IReadOnlyList<string> All = [.. Enum.GetValues<TEnum>().Select(v => ByValue[v])];
    }
}
