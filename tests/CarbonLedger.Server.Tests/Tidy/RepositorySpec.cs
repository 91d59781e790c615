using System.Reflection;
using System.Text.RegularExpressions;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Tests.Tidy;

/// <summary>The repository lints itself.</summary>
public sealed partial class RepositorySpec
{
    private const int LinesMax = 400;

    internal static readonly string Root = FindRoot();

    private static readonly string[] RefusalCodes =
        [.. typeof(Refusal).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(Refusal))).Select(CodeOf).Distinct().Order(StringComparer.Ordinal)];

    private static readonly string[] EdgeCodes = [.. EdgeProblem.All.Select(p => p.Code)];

    [Fact]
    public void Core_references_nothing_but_NodaTime()
    {
        string[] allowed = ["NodaTime", "netstandard", "mscorlib"];
        var strange = typeof(Refusal).Assembly.GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(name => !allowed.Contains(name) && !name.StartsWith("System.", StringComparison.Ordinal) && name != "System");
        Assert.Empty(strange);
        Assert.DoesNotContain("ProjectReference", File.ReadAllText(Path.Combine(Root, "src/CarbonLedger.Core/CarbonLedger.Core.csproj")));
    }

    [Fact]
    public void No_source_file_has_more_than_400_lines() =>
        Assert.Empty(Sources("src").Select(f => (f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > LinesMax).Select(f => $"{Relative(f.f)}: {f.Lines}"));

    [Fact]
    public void What_the_server_embeds_from_elsewhere_is_copied_into_its_image()
    {
        var copied = Regex.Matches(File.ReadAllText(Path.Combine(Root, "Dockerfile")), @"^COPY (docs/\S+) ", RegexOptions.Multiline).Select(m => m.Groups[1].Value).ToArray();
        var embedded = Regex.Matches(File.ReadAllText(Path.Combine(Root, "src/CarbonLedger.Server/CarbonLedger.Server.csproj")), @"Include=""\.\./\.\./([^""]+)""").Select(m => m.Groups[1].Value).ToArray();
        Assert.Equal(2, embedded.Length);
        Assert.All(embedded, path => Assert.Contains(copied, c => path == c || path.StartsWith(c + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_type_is_named_after_nothing()
    {
        var found = Sources("src").SelectMany(f => TypeName().Matches(File.ReadAllText(f)).Select(m => (f, Name: m.Groups[1].Value)))
            .Where(t => Words().Matches(t.Name).Any(w => w.Value is "Manager" or "Helper" or "Helpers" or "Service" or "Processor" or "Util" or "Utils" or "Utilities" or "Info"))
            .Select(t => $"{Relative(t.f)}: {t.Name}");
        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_is_left_to_be_done_later()
    {
        string[] forbidden = ["NotImplemented" + "Exception", "TO" + "DO", "FIX" + "ME", "HA" + "CK", "XX" + "X"];
        var found = Sources("src").Concat(Sources("tests"))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (f, line, i)))
            .Where(l => forbidden.Any(w => Regex.IsMatch(l.line, $@"\b{w}\b")))
            .Select(l => $"{Relative(l.f)}:{l.i + 1}: {l.line.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void Every_problem_has_a_page_and_every_page_a_problem()
    {
        var folder = Path.Combine(Root, "docs/reference/problems");
        var pages = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.md").Select(f => Path.GetFileNameWithoutExtension(f)).ToArray() : [];
        string[] codes = [.. RefusalCodes.Union(EdgeCodes)];
        Assert.Empty(codes.Except(pages).Select(c => $"docs/reference/problems/{c}.md is missing"));
        Assert.Empty(pages.Except(codes).Select(p => $"docs/reference/problems/{p}.md has no problem"));
        Assert.All(codes, code => Assert.Contains(code, Pages.ProblemPages.Codes));
    }

    [Fact]
    public void Codes_are_of_one_form_and_never_both_a_refusal_and_an_edge_problem()
    {
        Assert.All(RefusalCodes.Concat(EdgeCodes), code => Assert.Matches("^[a-z]+(-[a-z]+)*$", code));
        Assert.Empty(RefusalCodes.Intersect(EdgeCodes));
        Assert.Equal(EdgeCodes.Length, EdgeCodes.Distinct().Count());
    }

    [Fact]
    public void Every_problem_has_a_test_through_HTTP()
    {
        var tests = string.Concat(Sources("tests/CarbonLedger.Server.Tests").Where(f => !f.EndsWith("RepositorySpec.cs", StringComparison.Ordinal)).Select(File.ReadAllText));
        var untested = RefusalCodes.Concat(EdgeCodes).Where(code => !tests.Contains($"\"{code}\"", StringComparison.Ordinal)).ToArray();
        Assert.Empty(untested);
    }

    [Fact]
    public void No_link_between_pages_is_dead()
    {
        var dead = new List<string>();
        foreach (var page in Files("*.md"))
        {
            var inCode = false;
            foreach (var line in File.ReadLines(page))
            {
                inCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
                if (inCode)
                {
                    continue;
                }

                dead.AddRange(Link().Matches(line)
                    .Select(m => m.Groups[1].Value.Split('#')[0])
                    .Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal) && !link.StartsWith('/'))
                    .Where(link => !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(link))))
                    .Select(link => $"{Relative(page)}: {link}"));
            }
        }

        Assert.Empty(dead);
    }

    [Fact]
    public void Every_block_of_code_on_a_page_ends()
    {
        var open = new List<string>();
        foreach (var page in Files("*.md"))
        {
            var begun = 0;
            foreach (var (line, number) in File.ReadLines(page).Select((line, i) => (line.TrimStart(), i + 1)).Where(l => l.Item1.StartsWith("```", StringComparison.Ordinal)))
            {
                // Where two blocks lack their ends, their number is even: so the end of one is told from the beginning of the next by its language.
                if (begun > 0 && line.Length > 3)
                {
                    open.Add($"{Relative(page)}:{begun}");
                }

                begun = begun > 0 && line.Length == 3 ? 0 : number;
            }

            open.AddRange(begun > 0 ? [$"{Relative(page)}:{begun}"] : []);
        }

        Assert.Empty(open);
    }

    [Fact]
    public void Chinese_on_pages_is_punctuated_in_full_width()
    {
        string[] elsewhere = ["src/CarbonLedger.Server/Claims/ClaimReader.cs", "src/CarbonLedger.Server/Vouchers/VoucherCertificate.cs"];
        var found = Files("*.razor").Concat(Files("*.cs"))
            .Where(f => Relative(f).StartsWith("src/CarbonLedger.Server/Pages/", StringComparison.Ordinal) || elsewhere.Contains(Relative(f)))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (f, line, i)))
            .Where(l => !l.line.TrimStart().StartsWith("//", StringComparison.Ordinal) && HalfWidthInChinese().IsMatch(l.line))
            .Select(l => $"{Relative(l.f)}:{l.i + 1}: {l.line.Trim()}");
        Assert.Empty(found);
    }

    private static string CodeOf(Type refusal)
    {
        // A refusal's code is a constant of its constructor; the arguments do not matter, so they may be empty.
        var constructor = refusal.GetConstructors(BindingFlags.Public | BindingFlags.Instance).Single();
        return ((Refusal)constructor.Invoke([.. constructor.GetParameters().Select(p => Empty(p.ParameterType))])).Code;
    }

    private static object? Empty(Type type) =>
        type == typeof(string) ? "" : type == typeof(SerialRange) ? SerialRange.Inclusive(1, 1) : type.IsValueType ? Activator.CreateInstance(type) : null;

    private static IEnumerable<string> Sources(string folder) => Files("*.cs").Where(f => Relative(f).StartsWith(folder + "/", StringComparison.Ordinal));

    private static IEnumerable<string> Files(string pattern) => Directory
        .EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Where(f => !Relative(f).Split('/').Any(part => part is "bin" or "obj" or "node_modules" || (part.StartsWith('.') && part.Length > 1)));

    private static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CarbonLedger.sln")))
        {
            folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder;
    }

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum|delegate)\s+(?:struct\s+|class\s+)?([A-Z]\w*)")]
    private static partial Regex TypeName();

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Words();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs} ?[,;:!?()]|[,;:!?(] ?\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex HalfWidthInChinese();
}
