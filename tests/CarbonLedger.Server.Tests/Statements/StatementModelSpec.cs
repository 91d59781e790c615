using System.Text.Json;
using CarbonLedger.Server.Tests.Api;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Statements;

/// <summary>Random commands through the whole server; the statements must say what the naive model says, now and at every past instant asked about.</summary>
public sealed class StatementModelSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private const int Sequences = 30;

    private const int Commands = 40;

    private const int Kilograms = 60;

    [Fact]
    public async Task Statements_agree_with_a_model_of_one_cell_per_kilogram()
    {
        await Api.CastAsync();
        foreach (var seed in Enumerable.Range(1, Sequences))
        {
            try
            {
                await new Run(Api, seed).PlayAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }
    }

    private sealed class Run(LedgerApi api, int seed)
    {
        private readonly Random random = new(seed);
        private readonly List<(string At, long LogIndex, CellModel Model, Dictionary<string, string> AccountFreezes)> history = [];
        private readonly Dictionary<string, string> accountFreezes = [];
        private readonly HashSet<string> pledges = [];
        private Voucher voucher = null!;
        private Cast cast = null!;
        private string[] accounts = [];
        private CellModel model = null!;
        private long head;

        public async Task PlayAsync()
        {
            cast = await api.CastAsync();
            voucher = await api.VoucherAsync(Kilograms);
            accounts = [voucher.Account, await api.AccountAsync(cast.Owner), await api.AccountAsync(cast.Buyer)];
            model = new CellModel(Kilograms, voucher.Account);
            head = (await api.ReadAsync($"/v1/liens?voucherId={voucher.Id}")).GetProperty("statement").GetProperty("logIndex").GetInt64();
            await RememberAsync(head);
            for (var i = 0; i < Commands; i++)
            {
                await StepAsync();
                if (random.Next(8) == 0)
                {
                    await CompareAsync(random.Next(2) == 0 ? history[^1] : history[random.Next(history.Count)], present: false);
                }
            }

            await CompareAsync(history[^1], present: true);
            foreach (var then in history.OrderBy(_ => random.Next()).Take(4))
            {
                await CompareAsync(then, present: false);
            }
        }

        private async Task StepAsync()
        {
            var first = random.Next(1, Kilograms + 1);
            var last = Math.Min(Kilograms, first + random.Next(12));
            var giving = random.Next(3);
            var (from, to) = (accounts[giving], accounts[(giving + random.Next(1, 3)) % 3]);
            var line = voucher.Line((first, last));
            switch (random.Next(9))
            {
                case 0 or 1:
                    await DoAsync(model.IsFree(from, first, last), "/v1/transfers", TransferBody(from, to, line), null, _ => model.Move(first, last, to));
                    break;
                case 2 or 3:
                    await DoAsync(model.IsFree(from, first, last), "/v1/pledges", await api.PledgeBodyAsync(from, line), null, id =>
                    {
                        pledges.Add(id);
                        model.Lock(first, last, "pledge", id);
                    });
                    break;
                case 4 when Pick(model.Locks.Where(pledges.Contains)) is { } pledge:
                    await DoAsync(model.IsLocked(pledge, first, last), $"/v1/pledges/{pledge}/releases", new { reason = "waived", lines = new[] { line } }, cast.Bank, _ => model.Unlock(pledge, first, last));
                    break;
                case 5:
                    await DoAsync(model.IsLive(first, last), "/v1/freezes", new { lines = new[] { line }, authority = "court", documentNumber = "D-1", kind = "judicial" }, null, id => model.Lock(first, last, "freeze", id));
                    break;
                case 6 when Pick(model.Locks.Where(l => !pledges.Contains(l))) is { } freeze:
                    await DoAsync(true, $"/v1/freezes/{freeze}/lift", new { authority = "court", documentNumber = "D-2" }, null, _ => model.Unlock(freeze));
                    break;
                case 7:
                    await DoAsync(model.IsFree(from, first, Math.Min(last, first + 2)), "/v1/retirements", RetirementBody(from, voucher.Line((first, Math.Min(last, first + 2)))), null, _ => model.Retire(first, Math.Min(last, first + 2)));
                    break;
                case 8 when model.IsFrozen(from):
                    await DoAsync(true, $"/v1/freezes/{accountFreezes[from]}/lift", new { authority = "bureau", documentNumber = "D-4" }, null, _ => model.FreezeAccount(from, false));
                    break;
                case 8:
                    await DoAsync(true, "/v1/freezes", new { accountId = from, authority = "bureau", documentNumber = "D-3", kind = "administrative" }, null, id =>
                    {
                        model.FreezeAccount(from, true);
                        accountFreezes[from] = id;
                    });
                    break;
            }
        }

        private string? Pick(IEnumerable<string> of) => of.ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : null;

        private async Task DoAsync(bool accepted, string path, object body, string? actingAs, Action<string> apply)
        {
            var answer = await api.PostAsync(path, body, actingAs);
            Assert.True(answer.Status == (accepted ? 201 : 409), $"{path} {JsonSerializer.Serialize(body)}: the model {(accepted ? "accepts" : "refuses")}, the server answers {answer.Status} {answer.Shown}");
            if (accepted)
            {
                apply(answer.Id);
                await RememberAsync(answer.LogIndex);
            }
        }

        private async Task RememberAsync(long logIndex)
        {
            var at = (await api.ReadAsync($"/v1/events?after={logIndex - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString()!;
            history.Add((at, logIndex, model.Copy(), new Dictionary<string, string>(accountFreezes)));
        }

        private async Task CompareAsync((string At, long LogIndex, CellModel Model, Dictionary<string, string> AccountFreezes) then, bool present)
        {
            var asOf = present ? "" : $"&asOf={then.At}";
            await CompareLiensAsync(then.Model, then.AccountFreezes, asOf);
            foreach (var account in accounts)
            {
                var statement = await api.ReadAsync($"/v1/accounts/{account}/statement?from=2020-01-01&limit=1000{asOf}");
                Assert.Equal(then.Model.Balance(account), Balance(statement.GetProperty("closing")));
                Assert.Equal(then.Model.IsFrozen(account), statement.GetProperty("closing").GetProperty("accountFrozen").GetBoolean());
                var changes = statement.GetProperty("entries").EnumerateArray().Where(e => e.TryGetProperty("change", out _)).Select(e => Balance(e.GetProperty("change"))).ToArray();
                Assert.Equal(then.Model.Balance(account), Enumerable.Range(0, 5).Select(i => changes.Sum(c => c[i])));

                // Two periods that meet at a remembered instant.
                var middle = history[random.Next(history.Count)];
                if (middle.LogIndex <= then.LogIndex)
                {
                    var second = await api.ReadAsync($"/v1/accounts/{account}/statement?from={Later(middle.At)}&limit=1000{asOf}");
                    Assert.Equal(middle.Model.Balance(account), Balance(second.GetProperty("opening")));
                    Assert.Equal(then.Model.Balance(account), Balance(second.GetProperty("closing")));
                }
            }
        }

        private async Task CompareLiensAsync(CellModel then, Dictionary<string, string> freezes, string asOf)
        {
            var first = random.Next(1, Kilograms + 1);
            var last = random.Next(first, Kilograms + 1);
            var (next, cursor, said) = (first, "", new List<string>());
            var (shown, anyLock) = ("", false);
            do
            {
                var answer = await api.ReadAsync($"/v1/liens?voucherId={voucher.Id}&first={first}&last={last}&limit={random.Next(1, 9)}{asOf}{cursor}");
                shown += answer.GetRawText();
                foreach (var stretch in answer.GetProperty("statement").GetProperty("stretches").EnumerateArray())
                {
                    var locks = stretch.GetProperty("locks").EnumerateArray().Select(l => $"{Text(l, "kind")}:{Text(l, Text(l, "kind") == "pledge" ? "pledgeId" : "freezeId")}").ToArray();
                    Assert.Equal(next, stretch.GetProperty("first").GetInt32());
                    Assert.Equal(locks.Length == 0, stretch.GetProperty("lienFree").GetBoolean());
                    anyLock |= locks.Length > 0;
                    for (; next <= stretch.GetProperty("last").GetInt32(); next++)
                    {
                        said.Add($"{Text(stretch, "status")} {Text(stretch, "holderAccountId")} {string.Join(' ', locks)}".TrimEnd());
                    }
                }

                cursor = answer.TryGetProperty("nextCursor", out var c) ? $"&cursor={c.GetString()}" : "";
            }
            while (cursor != "");

            Assert.Equal(last + 1, next);
            var expected = Enumerable.Range(first, last - first + 1).Select(s => then.Say(s, FreezeOf(then, s, freezes))).ToArray();
            Assert.True(expected.SequenceEqual(said), $"Serials {first}–{last}{asOf}:\nmodel  {string.Join("\n       ", expected)}\nserver {string.Join("\n       ", said)}\n{shown}");
            Assert.Equal(expected.Any(e => e.Contains(':', StringComparison.Ordinal)), anyLock);
        }

        private static string? FreezeOf(CellModel then, int serial, Dictionary<string, string> freezes) => freezes.GetValueOrDefault(then.Say(serial, null).Split(' ')[1]);

        private static string Later(string at) => (NodaTime.Text.InstantPattern.ExtendedIso.Parse(at).Value + Duration.FromTicks(10)).ToString("uuuu-MM-dd'T'HH:mm:ss.ffffff'Z'", null);

        private static long[] Balance(JsonElement of) => [.. new[] { "owned", "free", "held", "pledged", "frozen" }.Select(f => of.GetProperty(f).GetInt64())];

        private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
    }
}
