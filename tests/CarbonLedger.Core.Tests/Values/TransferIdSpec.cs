using FsCheck.Fluent;
using static CarbonLedger.Core.Tests.Values.Properties;

namespace CarbonLedger.Core.Tests.Values;

public sealed class TransferIdSpec
{
    [Fact]
    public void It_names_its_place_in_the_log() =>
        ForAll(
            from high in Gen.Choose(0, (1 << 30) - 1) from low in Gen.Choose(0, int.MaxValue) select ((long)high << 32) | (uint)low,
            index => TransferId.At(index, FirstVoucher).LogIndex == index);

    [Theory]
    [InlineData(1)]
    [InlineData(4_611_686_018_427_387_903)]
    public void The_ends_of_the_log_fit(long index) => Assert.Equal(index, TransferId.At(index, FirstVoucher).LogIndex);

    [Fact]
    public void It_is_a_UUID_of_version_8() => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab]", TransferId.At(1, FirstVoucher).ToString());

    [Fact]
    public void The_same_place_and_voucher_make_the_same_id()
    {
        Assert.Equal(TransferId.At(7, FirstVoucher), TransferId.At(7, FirstVoucher));
        Assert.NotEqual(TransferId.At(7, FirstVoucher), TransferId.At(8, FirstVoucher));
    }

    [Fact]
    public void Another_UUID_names_no_place() => Assert.Null(new TransferId(new Guid("0192aaaa-0000-7000-8000-000000000001")).LogIndex);
}
