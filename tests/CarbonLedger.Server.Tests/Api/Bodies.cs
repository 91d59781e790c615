using System.Text.Json;
using System.Text.Json.Nodes;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A test's own words in a body that <see cref="LedgerApi"/> makes.</summary>
public static class Bodies
{
    /// <summary>The same body with these members in place of its own or besides; a null takes one away.</summary>
    public static JsonObject With(this object body, object members)
    {
        var changed = JsonSerializer.SerializeToNode(body)!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(members)!.AsObject())
        {
            changed.Remove(name);
            if (value is not null)
            {
                changed.Add(name, value.DeepClone());
            }
        }

        return changed;
    }
}
