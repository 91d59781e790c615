using System.Text.Json;

namespace CarbonLedger.Core.Tests.Log;

public sealed class EnumJsonSpec
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new EnumJson<ValuationRule>() } };

    [Fact]
    public void Every_value_is_its_camelCase_name_and_comes_back() =>
        Assert.All(Enum.GetValues<ValuationRule>(), rule =>
        {
            var text = JsonSerializer.Serialize(rule, Options);
            Assert.Equal($"\"{char.ToLowerInvariant(rule.ToString()[0])}{rule.ToString()[1..]}\"", text);
            Assert.Equal(rule, JsonSerializer.Deserialize<ValuationRule>(text, Options));
        });

    [Theory]
    [InlineData("\"Average\"")]
    [InlineData("\"AVERAGE\"")]
    [InlineData("\"lasttrade\"")]
    [InlineData("\" average\"")]
    [InlineData("\"average \"")]
    [InlineData("\"average,lastTrade\"")]
    [InlineData("\"2\"")]
    [InlineData("\"\"")]
    [InlineData("2")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Any_other_spelling_is_refused(string text) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ValuationRule>(text, Options));

    [Fact]
    public void A_value_without_a_name_is_not_written() => Assert.Throws<JsonException>(() => JsonSerializer.Serialize((ValuationRule)99, Options));
}
