namespace CarbonLedger.Core.Projects;

/// <summary>A forest sub-compartment (林地小班).</summary>
/// <param name="Code">Its full official code; one code is one parcel in the whole register (D1).</param>
/// <param name="AreaMu">Its area in mu (1 mu 亩 = 1/15 ha), above 0, at most two decimals.</param>
public sealed record Parcel(string Code, decimal AreaMu);

public abstract record ProjectEvent : LedgerEvent
{
    private ProjectEvent() { }

    /// <param name="Number">The registry's number of the project, in the serials of its vouchers.</param>
    public sealed record ProjectRegistered(
        ProjectId Project,
        int Number,
        string Name,
        string Scheme,
        OrganizationId Owner,
        string Region,
        string Methodology,
        IReadOnlyList<Parcel> Parcels) : ProjectEvent
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public override Guid Stream => Project.Value;
    }
}

/// <param name="Issuances">For each vintage the number of vouchers issued.</param>
public sealed record ProjectState(
    ProjectId Project,
    int Number,
    string Name,
    string Scheme,
    OrganizationId Owner,
    string Region,
    string Methodology,
    IReadOnlyList<Parcel> Parcels,
    IReadOnlyDictionary<int, int> Issuances) : State
{
    [System.Text.Json.Serialization.JsonIgnore]
    public override Guid Id => Project.Value;
}

public static class Project
{
    /// <summary>The most parcels a project may have.</summary>
    public const int ParcelsMax = 2_000;

    public static void Evolve(Register register, ProjectEvent fact)
    {
        switch (fact)
        {
            case ProjectEvent.ProjectRegistered e:
                register.Set(new ProjectState(e.Project, e.Number, e.Name, e.Scheme, e.Owner, e.Region, e.Methodology, e.Parcels, new Dictionary<int, int>()));
                register.Set(new NumberingState(e.Number));
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }
}
