using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Guides are run as a reader would run them: their blocks, in order, in one shell.</summary>
public sealed partial class GuideSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Theory]
    [InlineData("zero-carbon-office")]
    [InlineData("lend-against-a-voucher")]
    public async Task A_guide_works_as_it_stands(string guide)
    {
        var blocks = Block().Matches(await File.ReadAllTextAsync(PathOf($"docs/guides/{guide}.md"))).Select(m => m.Groups[1].Value).ToArray();
        Assert.True(blocks.Length >= 9);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", string.Concat(blocks)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BASE"] = Fixture.Server.Url.ToString().TrimEnd('/');
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var shell = Process.Start(start)!;
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();

        Assert.True(shell.ExitCode == 0, $"exit code {shell.ExitCode}\n{await output}\n{await errors}");
    }

    private static string PathOf(string page)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "CarbonLedger.sln")))
        {
            folder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder))!;
        }

        return Path.Combine(folder, page);
    }

    [GeneratedRegex("^```bash\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
