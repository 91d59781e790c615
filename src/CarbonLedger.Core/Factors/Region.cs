namespace CarbonLedger.Core.Factors;

/// <summary>A place that a factor is for: the nation (<c>CN</c>), a grid region (<c>西北</c>), or a province by its GB/T 2260 code (<c>620000</c>).</summary>
public static class Region
{
    public const string Nation = "CN";

    private static readonly string[] Grids = ["华北", "东北", "华东", "华中", "西北", "南方", "西南"];

    // Inner Mongolia lies in two grid regions and Tibet in none that is published: both fall back to the nation at once.
    private static readonly (string Code, string Name, string? Grid)[] Provinces =
    [
        ("110000", "北京", "华北"), ("120000", "天津", "华北"), ("130000", "河北", "华北"), ("140000", "山西", "华北"), ("150000", "内蒙古", null),
        ("210000", "辽宁", "东北"), ("220000", "吉林", "东北"), ("230000", "黑龙江", "东北"),
        ("310000", "上海", "华东"), ("320000", "江苏", "华东"), ("330000", "浙江", "华东"), ("340000", "安徽", "华东"), ("350000", "福建", "华东"),
        ("360000", "江西", "华中"), ("370000", "山东", "华北"), ("410000", "河南", "华中"), ("420000", "湖北", "华中"), ("430000", "湖南", "华中"),
        ("440000", "广东", "南方"), ("450000", "广西", "南方"), ("460000", "海南", "南方"),
        ("500000", "重庆", "西南"), ("510000", "四川", "西南"), ("520000", "贵州", "南方"), ("530000", "云南", "南方"), ("540000", "西藏", null),
        ("610000", "陕西", "西北"), ("620000", "甘肃", "西北"), ("630000", "青海", "西北"), ("640000", "宁夏", "西北"), ("650000", "新疆", "西北"),
    ];

    private static readonly string[] Endings = ["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"];

    /// <summary>The region as it is kept; null when the text names none.</summary>
    /// <param name="text">A GB/T 2260 code of six digits (of a province or anything in it), a province's Chinese name, a grid region, or <c>CN</c>.</param>
    public static string? Parse(string text)
    {
        if (text is Nation or "中国" or "全国" or "000000")
        {
            return Nation;
        }

        if (text.Length == 6 && text.All(char.IsAsciiDigit))
        {
            return Provinces.FirstOrDefault(p => p.Code.AsSpan(0, 2).SequenceEqual(text.AsSpan(0, 2))).Code;
        }

        var ending = Endings.FirstOrDefault(e => text.EndsWith(e, StringComparison.Ordinal)) ?? "";
        var name = text[..^ending.Length];
        return Provinces.FirstOrDefault(p => p.Name == name).Code ?? Grids.FirstOrDefault(g => g == text);
    }

    /// <summary>Where a factor is looked for, the nearest first: the region, its grid region, the nation.</summary>
    public static IReadOnlyList<string> Chain(string region)
    {
        var grid = Provinces.FirstOrDefault(p => p.Code == region).Grid;
        return region == Nation ? [Nation] : grid is null ? [region, Nation] : [region, grid, Nation];
    }

    /// <summary>The region's Chinese name.</summary>
    public static string NameOf(string region) => region == Nation ? "全国" : Provinces.FirstOrDefault(p => p.Code == region).Name ?? region;
}
