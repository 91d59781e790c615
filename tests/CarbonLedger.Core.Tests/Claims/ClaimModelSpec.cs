namespace CarbonLedger.Core.Tests.Claims;

/// <summary>Random inventories, retirements and claims against a model that shares nothing with the product: kilograms are cells of an array, sums are thousandths.</summary>
public sealed class ClaimModelSpec
{
    private const int Steps = 150;
    private const long KilogramsEach = 1_500;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(20_211_130)]
    public void The_register_and_the_model_agree(int seed) => Play(seed);

    [Fact]
    public void They_agree_on_a_seed_that_nobody_chose() => Play(Random.Shared.Next());

    private static void Play(int seed)
    {
        var run = new Run(seed);
        for (var step = 0; step < Steps; step++)
        {
            var (what, expected, decision) = run.Next();
            var refused = (decision as Decision.Refused)?.Refusal.Code;
            Assert.True(expected == refused, $"seed {seed}, step {step}, {what}: the model says {expected ?? "accepted"}, the register {refused ?? "accepted"}");
            run.Compare($"seed {seed}, step {step}, {what}");
        }
    }

    private sealed class Run
    {
        private static readonly OrganizationId[] Offices = [Stranger, Group];
        private readonly Random random;
        private static readonly VoucherId[] Vouchers = [FirstVoucher, SecondVoucher, new(Id(0x40, 3))];
        private readonly Ledger ledger = Ledger.Given([.. Vouchers.Select(v => Issued(KilogramsEach, to: Owner, voucher: v))]);
        private readonly long[] left = [KilogramsEach, KilogramsEach, KilogramsEach];
        private readonly HashSet<int> revoked = [];
        private readonly List<Retired> retirements = [];
        private readonly List<Count> inventories = [];
        private readonly List<Said> claims = [];
        private readonly Dictionary<string, int> certificates = [];

        public Run(int seed)
        {
            random = new Random(seed);
            for (var i = 0; i < 4; i++)
            {
                Retire();
                Inventory();
            }
        }

        public (string What, string? Expected, Decision Decision) Next() => random.Next(9) switch
        {
            0 => Retire(),
            1 => Inventory(),
            2 or 3 => Restate(),
            4 or 5 => Claim(),
            6 => Publish(),
            7 => TopUp(),
            _ => random.Next(2) == 0 ? Withdraw() : Flag(),
        };

        public void Compare(string where)
        {
            foreach (var (r, i) in retirements.Select((r, i) => (r, i)))
            {
                var state = ledger.State<RetirementState>(Use(i).Value);
                var cells = new int[r.Cells.Length];
                foreach (var part in state.Claimed)
                {
                    for (var k = part.First; k <= part.Last; k++)
                    {
                        cells[k - 1] = Number(part.Claim) + 1;
                    }
                }

                Assert.True(cells.SequenceEqual(r.Cells), $"{where}: retirement {i}");
            }

            foreach (var (n, i) in inventories.Select((n, i) => (n, i)))
            {
                var state = ledger.State<InventoryState>(Book(i).Value);
                Assert.True((n.Emissions, n.Version, n.Claim) == (state.Emissions.Value, state.Version, state.Claim is { } c ? Number(c) : null), $"{where}: inventory {i}");
            }

            foreach (var (c, i) in claims.Select((c, i) => (c, i)))
            {
                var state = ledger.State<ClaimState>(Saying(i).Value);
                Assert.True(c.Flags.Order().SequenceEqual(state.Flags.Select(f => Array.IndexOf(Vouchers, f.Voucher)).Order()), $"{where}: flags of claim {i}");
                Assert.True((c.Status, Covering(i), inventories[c.Inventory].Emissions) == (state.Status.ToString(), state.Covering.Value, c.Status == "Withdrawn" ? inventories[c.Inventory].Emissions : state.Emissions.Value), $"{where}: claim {i} {c} {state}");
            }
        }

        /// <summary>Units of one or two vouchers, one after the other.</summary>
        private (string What, string? Expected, Decision Decision) Retire()
        {
            var office = random.Next(2);
            var of = Enumerable.Range(0, Vouchers.Length).OrderBy(_ => random.Next()).Take(random.Next(1, 3)).Select(v => (Voucher: v, Kilograms: random.Next(1, 40))).ToArray();
            var decision = ledger.Try(
                World.Retire(Owner, [.. of.Select(o => All(o.Kilograms, Vouchers[o.Voucher]))]) with { Retirement = Use(retirements.Count), Beneficiary = new Beneficiary(Offices[office], null) }, Registrar);
            // The first line that fails is reported.
            var expected = of.Select(o => revoked.Contains(o.Voucher) ? "voucher-revoked" : o.Kilograms > left[o.Voucher] ? "insufficient-units" : null).FirstOrDefault(e => e is not null);
            if (expected is null)
            {
                var vouchers = of.SelectMany(o => Enumerable.Repeat(o.Voucher, o.Kilograms)).ToArray();
                retirements.Add(new Retired(office, new int[vouchers.Length], vouchers));
                Array.ForEach(of, o => left[o.Voucher] -= o.Kilograms);
            }

            return ($"retire {string.Join(',', of)}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Revoke()
        {
            var v = random.Next(Vouchers.Length);
            var decision = ledger.Try(World.Revoke(Vouchers[v]), Registrar);
            var expected = revoked.Contains(v) ? "voucher-revoked" : null;
            if (expected is null)
            {
                revoked.Add(v);
                for (var i = 0; i < claims.Count; i++)
                {
                    if (claims[i].Status != "Withdrawn" && Behind(i, v))
                    {
                        claims[i].Flags.Add(v);
                        Settle(i);
                    }
                }
            }

            return ($"revoke {v}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Inventory()
        {
            var (draft, emissions, expected, named) = Draft(inventories.Count);
            var office = random.Next(2);
            var decision = ledger.Try(new RecordInventory(Book(inventories.Count), Offices[office], Centre, Year(2021), draft), Registrar);
            if (expected is null)
            {
                Take(named, inventories.Count);
                inventories.Add(new Count(office) { Emissions = emissions });
            }

            return ("record", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Restate()
        {
            var i = random.Next(inventories.Count);
            var (draft, emissions, expected, named) = Draft(i);
            var decision = ledger.Try(new RestateInventory(Book(i), draft, "corrected"), Registrar);
            if (expected is null)
            {
                Take(named, i);
                (inventories[i].Emissions, inventories[i].Version) = (emissions, inventories[i].Version + 1);
                Settle(inventories[i].Claim);
            }

            return ($"restate {i}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Claim()
        {
            var (i, named) = (random.Next(inventories.Count), Some());
            var decision = ledger.Try(new MakeClaim(Saying(claims.Count), Book(i), [.. named.Select(Use)]), Registrar);
            if (inventories[i].Claim is not null)
            {
                return ($"claim {i}", "inventory-already-claimed", decision);
            }

            var (expected, taken) = Gather(inventories[i].Office, named, inventories[i].Emissions);
            expected ??= taken.Count < inventories[i].Emissions ? "claim-short-of-emissions" : null;
            if (expected is null)
            {
                Mark(taken, claims.Count);
                inventories[i].Claim = claims.Count;
                claims.Add(new Said(i) { Cells = taken });
            }

            return ($"claim {i} with {string.Join(',', named)}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Publish()
        {
            var i = random.Next(claims.Count + 1);
            var decision = ledger.Try(new PublishClaim(Saying(i)), Registrar);
            var expected = i == claims.Count ? "claim-not-found" : claims[i].Status != "Draft" ? "claim-not-in-state" : Covering(i) < inventories[claims[i].Inventory].Emissions ? "claim-short-of-emissions" : null;
            if (expected is null)
            {
                claims[i].Status = "Published";
            }

            return ($"publish {i}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) TopUp()
        {
            var (i, named) = (random.Next(claims.Count + 1), Some());
            var decision = ledger.Try(new TopUpClaim(Saying(i), [.. named.Select(Use)]), Registrar);
            if (i == claims.Count)
            {
                return ("top up nothing", "claim-not-found", decision);
            }

            var (claim, inventory) = (claims[i], inventories[claims[i].Inventory]);
            if (claim.Status == "Withdrawn" || Covering(i) >= inventory.Emissions)
            {
                return ($"top up {i}", "claim-not-in-state", decision);
            }

            var (expected, taken) = Gather(inventory.Office, named, inventory.Emissions - Covering(i));
            expected ??= taken.Any(t => claim.Flags.Contains(retirements[t.Retirement].Vouchers[t.Cell])) ? "voucher-not-in-claim" : Covering(i) + taken.Count < inventory.Emissions ? "claim-short-of-emissions" : null;
            if (expected is null)
            {
                Mark(taken, i);
                claim.Cells.AddRange(taken);
                Settle(i);
            }

            return ($"top up {i} with {string.Join(',', named)}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Withdraw()
        {
            var i = random.Next(claims.Count + 1);
            var decision = ledger.Try(new WithdrawClaim(Saying(i), "x"), Registrar);
            var expected = i == claims.Count ? "claim-not-found" : claims[i].Status == "Withdrawn" ? "claim-not-in-state" : null;
            if (expected is null)
            {
                claims[i].Status = "Withdrawn";
                inventories[claims[i].Inventory].Claim = null;
                foreach (var r in retirements)
                {
                    for (var k = 0; k < r.Cells.Length; k++)
                    {
                        r.Cells[k] = r.Cells[k] == i + 1 ? 0 : r.Cells[k];
                    }
                }
            }

            return ($"withdraw {i}", expected, decision);
        }

        private (string What, string? Expected, Decision Decision) Flag()
        {
            var i = random.Next(claims.Count + 1);
            var v = random.Next(Vouchers.Length);
            var decision = ledger.Try(new FlagClaim(Saying(i), Vouchers[v], "suspected"), Registrar);
            var expected = i == claims.Count ? "claim-not-found" : claims[i].Status == "Withdrawn" ? "claim-not-in-state" : claims[i].Flags.Contains(v) || !Behind(i, v) ? "voucher-not-in-claim" : null;
            if (expected is null)
            {
                claims[i].Flags.Add(v);
                Settle(i);
            }

            return ($"flag {i}", expected, decision);
        }

        /// <summary>One to three lines in thousandths of a kilogram, and now and then certificates for 2,000 kWh.</summary>
        private (InventoryDraft Draft, long Emissions, string? Expected, List<string> Named) Draft(int inventory)
        {
            var (lines, thousandths) = (new List<ActivityLine>(), 0L);
            for (var i = random.Next(3); i >= 0; i--)
            {
                var amount = random.Next(40_000);
                lines.Add(Emitted(amount / 1000m));
                thousandths += amount;
            }

            var named = new List<string>();
            if (random.Next(4) == 0)
            {
                named = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"G-{random.Next(12)}").Distinct()];
                lines.Add(Used("gridElectricity", 2_000, "kWh", "青海")); // 0.1326 kg each in 2021
                thousandths += 2_000 * 1326 / 10;
            }

            var expected = named.Any(n => certificates.TryGetValue(n, out var at) && at != inventory) ? "certificate-counted-already" : named.Count > 2 ? "certificates-exceed-electricity" : null;
            return (Lines([.. lines]) with { GreenCertificates = named }, (thousandths + 999) / 1000, expected, named);
        }

        private (string? Expected, List<(int Retirement, int Cell)> Taken) Gather(int office, int[] named, long wanted)
        {
            var taken = new List<(int, int)>();
            foreach (var i in named)
            {
                if (retirements[i].Office != office)
                {
                    return ("retirement-of-another-beneficiary", []);
                }

                if (Array.IndexOf(retirements[i].Cells, 0) < 0)
                {
                    return ("retirement-already-claimed", []);
                }

                if (!retirements[i].Cells.Where((c, k) => c == 0 && !revoked.Contains(retirements[i].Vouchers[k])).Any())
                {
                    return ("retirement-of-revoked-voucher", []);
                }

                for (var k = 0; k < retirements[i].Cells.Length && taken.Count < wanted; k++)
                {
                    if (retirements[i].Cells[k] == 0 && !revoked.Contains(retirements[i].Vouchers[k]))
                    {
                        taken.Add((i, k));
                    }
                }
            }

            return (null, taken);
        }

        private bool Behind(int claim, int voucher) => claims[claim].Cells.Any(c => retirements[c.Retirement].Vouchers[c.Cell] == voucher);

        private int Covering(int claim) => claims[claim].Cells.Count(c => !claims[claim].Flags.Contains(retirements[c.Retirement].Vouchers[c.Cell]));

        private void Mark(List<(int Retirement, int Cell)> taken, int claim) => taken.ForEach(t => retirements[t.Retirement].Cells[t.Cell] = claim + 1);

        private void Settle(int? claim)
        {
            if (claim is { } i && claims[i].Status is "Published" or "UnderCovered")
            {
                claims[claim.Value].Status = Covering(i) >= inventories[claims[claim.Value].Inventory].Emissions ? "Published" : "UnderCovered";
            }
        }

        private void Take(List<string> named, int inventory) => named.ForEach(n => certificates[n] = inventory);

        private int[] Some() => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(retirements.Count)).Distinct()];

        private static int Number(ClaimId claim) => (claim.Value.ToByteArray()[14] << 8) | claim.Value.ToByteArray()[15];

        private static RetirementId Use(int number) => new(Id(0x80, number));

        private static InventoryId Book(int number) => new(Id(0xB0, number));

        private static ClaimId Saying(int number) => new(Id(0xC0, number));
    }

    /// <param name="Cells">For each kilogram the claim that it backs, counted from 1, or 0.</param>
    /// <param name="Vouchers">For each kilogram its voucher.</param>
    private sealed record Retired(int Office, int[] Cells, int[] Vouchers);

    private sealed record Count(int Office)
    {
        public long Emissions { get; set; }

        public int Version { get; set; } = 1;

        public int? Claim { get; set; }
    }

    private sealed record Said(int Inventory)
    {
        public string Status { get; set; } = "Draft";

        public List<(int Retirement, int Cell)> Cells { get; set; } = [];

        public HashSet<int> Flags { get; } = [];
    }
}
