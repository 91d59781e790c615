using System.Runtime.InteropServices;

namespace CarbonLedger.Core.Values;

/// <summary>Takes items out of a list and puts others in their place, moving what comes after one by one.</summary>
/// <remarks>
/// <see cref="List{T}"/> moves a block, and a block that is moved counts as written with new references, whatever it holds: the next collection looks through
/// everything near it. Over the pieces of ten thousand vouchers that was two thirds of its pause.
/// </remarks>
public static class ListSplice
{
    /// <exception cref="ArgumentOutOfRangeException">The list does not reach so far.</exception>
    public static void Splice<T>(this List<T> list, int index, int removed, params ReadOnlySpan<T> put)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfNegative(removed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, list.Count - removed);
        var (count, grown) = (list.Count, put.Length - removed);
        if (grown > 0)
        {
            CollectionsMarshal.SetCount(list, count + grown);
        }

        var items = CollectionsMarshal.AsSpan(list);
        if (grown > 0)
        {
            for (var i = count - 1; i >= index + removed; i--)
            {
                items[i + grown] = items[i];
            }
        }
        else if (grown < 0)
        {
            for (var i = index + removed; i < count; i++)
            {
                items[i + grown] = items[i];
            }
        }

        for (var i = 0; i < put.Length; i++)
        {
            items[index + i] = put[i];
        }

        if (grown < 0)
        {
            CollectionsMarshal.SetCount(list, count + grown);
        }
    }
}
