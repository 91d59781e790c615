using System.Buffers;

namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>Gives the auditor, and a second register, what stands in the log's bytes.</summary>
internal sealed class LogReader(Ledger ledger, Auditor auditor)
{
    private readonly ArrayBufferWriter<byte> scratch = new();
    private readonly Register again = new() { Complete = true };
    private int read;
    private (int Position, Dictionary<Guid, Auditor.Cell[]> Cells) remembered = (0, []);

    /// <summary>Reads from the last position to the end, one decision or the beginning.</summary>
    public void ReadOn()
    {
        for (; read < ledger.Log.Count; read++)
        {
            var recorded = FromBytes(read);
            auditor.Read(recorded);
            again.Apply(recorded.Fact);
        }

        auditor.Close();
    }

    /// <summary>Keeps what stands where now.</summary>
    public void Remember() => remembered = (read, auditor.Vouchers.ToDictionary(v => v.Key, v => v.Value.ToArray()));

    /// <summary>The log, read back from its bytes, makes the same register again; and up to a past position what stood then (P7).</summary>
    public void CheckReplay()
    {
        foreach (var (voucher, units) in ledger.Register.LoadedUnits)
        {
            Assert.Equal(units.Pieces, again.Units(voucher)!.Pieces);
        }

        Assert.Equal(States(ledger.Register), States(again));
        Assert.Equal(ledger.Register.NewUniqueNames.ToHashSet(), again.NewUniqueNames.ToHashSet());

        var then = new Register { Complete = true };
        for (var i = 0; i < remembered.Position; i++)
        {
            then.Apply(FromBytes(i).Fact);
        }

        foreach (var (voucher, cells) in remembered.Cells)
        {
            Auditor.CompareUnits(then.Units(new VoucherId(voucher))!, voucher, cells);
        }
    }

    private RecordedEvent FromBytes(int position) => EventCodec.Decode(EventCodec.Encode(ledger.Log[position], scratch).Bytes);

    private static IEnumerable<string> States(Register register) => register.ChangedStates.Select(s => s.Id + StateCodec.Encode(s)).Order(StringComparer.Ordinal);
}
