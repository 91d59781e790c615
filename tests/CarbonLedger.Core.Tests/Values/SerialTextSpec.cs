using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class SerialTextSpec
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-aé ";

    private static readonly string Canonical =
        SerialText.Render(new SerialPrefix("620171", "SLCT", 42, 2020, 1), SerialRange.Inclusive(1, 12_000_000));

    /// <summary>The example of ISO/IEC 7064 for MOD 1271-36.</summary>
    [Fact]
    public void The_check_characters_of_ISO79_are_3W() => Assert.Equal("3W", CheckCharacters.Of("ISO79"));

    [Fact]
    public void Hyphens_do_not_count() => Assert.Equal(CheckCharacters.Of("ISO79"), CheckCharacters.Of("I-SO-79"));

    [Fact]
    public void The_text_has_its_structure() =>
        Assert.Matches("^CN-620171-SLCT-000042-2020-01-0000000001-0012000000-[0-9A-Z]{2}$", Canonical);

    /// <summary>The standard's own test: the whole with its check characters, weighted by powers of 36, leaves 1.</summary>
    [Fact]
    public void The_whole_text_leaves_one_modulo_1271()
    {
        var digits = Canonical.Where(c => c != '-').Select(c => Alphabet.IndexOf(c)).ToArray();
        var sum = digits.Select((d, i) => d * (int)System.Numerics.BigInteger.ModPow(36, digits.Length - 1 - i, 1271)).Sum();

        Assert.Equal(1, sum % 1271);
    }

    [Fact]
    public void What_is_rendered_is_parsed_back() =>
        ForAll(
            from region in Gen.Choose(0, 999_999)
            from scheme in Gen.Choose(0, 35).ArrayOf().Where(s => s.Length is >= 2 and <= 12)
            from project in Gen.Choose(1, 999_999)
            from vintage in Gen.Choose(0, 9_999)
            from issuance in Gen.Choose(1, 99)
            from first in Gen.Choose(1, int.MaxValue)
            from count in Gen.Choose(1, int.MaxValue)
            select (
                Prefix: new SerialPrefix($"{region:D6}", string.Concat(scheme.Select(i => Alphabet[i])), project, vintage, issuance),
                Range: SerialRange.Inclusive(first, (long)first + count - 1)),
            x => SerialText.Parse(SerialText.Render(x.Prefix, x.Range)) == x);

    [Fact]
    public void Every_substitution_of_one_character_is_noticed()
    {
        for (var i = 0; i < Canonical.Length; i++)
        {
            foreach (var c in Alphabet.Where(c => c != Canonical[i]))
            {
                Refused(Canonical[..i] + c + Canonical[(i + 1)..]);
            }
        }
    }

    [Fact]
    public void Every_transposition_of_neighbours_is_noticed()
    {
        for (var i = 0; i + 1 < Canonical.Length; i++)
        {
            if (Canonical[i] != Canonical[i + 1])
            {
                Refused(Canonical[..i] + Canonical[i + 1] + Canonical[i] + Canonical[(i + 2)..]);
            }
        }
    }

    [Fact]
    public void Every_lost_or_doubled_character_is_noticed()
    {
        for (var i = 0; i < Canonical.Length; i++)
        {
            Refused(Canonical.Remove(i, 1));
            Refused(Canonical.Insert(i, Canonical[i].ToString()));
        }
    }

    [Theory]
    [InlineData("CN-620171-SLCT-000000-2020-01-0000000001-0000000002")]
    [InlineData("CN-620171-SLCT-000042-2020-00-0000000001-0000000002")]
    [InlineData("CN-620171-SLCT-000042-2020-01-0000000000-0000000002")]
    [InlineData("CN-620171-SLCT-000042-2020-01-0000000003-0000000002")]
    [InlineData("CN-620171-S-000042-2020-01-0000000001-0000000002")]
    [InlineData("US-620171-SLCT-000042-2020-01-0000000001-0000000002")]
    [InlineData("CN-62017-SLCT-000042-2020-01-0000000001-0000000002")]
    [InlineData("")]
    [InlineData("--------")]
    public void Text_with_good_check_characters_and_no_sense_is_refused(string body) => Refused($"{body}-{CheckCharacters.Of(body)}");

    private static void Refused(string text) => Assert.True(SerialText.Parse(text) is null, $"{text} was taken for {Canonical}");
}
