using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using QRCoder;

namespace CarbonLedger.Server.Pages;

/// <summary>A QR code as one SVG path: sharp on paper at any size, and without an image that could fail to load.</summary>
public static class QrCode
{
    /// <summary>Level M mends 15 % of damage: a fold or a stamp across it.</summary>
    public static MarkupString Svg(string text, string label)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix; // with its quiet zone of four modules
        var path = new StringBuilder();
        for (var y = 0; y < modules.Count; y++)
        {
            for (var x = 0; x < modules.Count; x++)
            {
                var from = x;
                while (x < modules.Count && modules[y][x])
                {
                    x++;
                }

                if (x > from)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from}v1h-{x - from}z");
                }
            }
        }

        return new MarkupString($"<svg class=\"qr\" viewBox=\"0 0 {modules.Count} {modules.Count}\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"{System.Net.WebUtility.HtmlEncode(label)}\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>");
    }
}
