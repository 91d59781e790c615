using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace CarbonLedger.Server.Statements;

/// <summary>The private key with which this server signs statements: ECDSA on P-256, kept in a file that only its owner can read.</summary>
public sealed class SigningKey : IDisposable
{
    public const string Algorithm = "ES256";

    /// <summary>A private P-256 key as PEM has some 240 bytes; what is far longer is another file.</summary>
    private const long FileBytesMax = 16 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly ECDsa key;
    private readonly Lock signing = new();
    private readonly string header;

    private SigningKey(ECDsa key)
    {
        this.key = key;
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        (X, Y) = (point.X!, point.Y!);
        KeyId = Thumbprint(X, Y);
        header = Encode(Encoding.ASCII.GetBytes($$"""{"alg":"{{Algorithm}}","kid":"{{KeyId}}"}"""));
    }

    /// <summary>The key's thumbprint by RFC 7638: 43 characters.</summary>
    public string KeyId { get; }

    public byte[] X { get; }

    public byte[] Y { get; }

    /// <summary>Reads the key, or makes one when there is no file. Two servers that start at once on one file end with the same key.</summary>
    /// <exception cref="SigningKeyException">The file is not to be trusted, or cannot be read or made.</exception>
    public static SigningKey Open(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                Make(path);
            }

            return Read(path);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException or CryptographicException or ArgumentException) and not SigningKeyException)
        {
            // The reason may quote the file's content; only its kind is told.
            throw new SigningKeyException($"The signing key {path} can be neither read nor made ({e.GetType().Name}). Name another file with Ledger__SigningKeyFile, or put a P-256 private key in PEM there.");
        }
    }

    /// <summary>A compact JWS (RFC 7515) whose payload is exactly these bytes.</summary>
    public string Sign(ReadOnlySpan<byte> payload)
    {
        var signed = $"{header}.{Encode(payload)}";
        lock (signing)
        {
            return $"{signed}.{Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
        }
    }

    public void Dispose() => key.Dispose();

    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static string Thumbprint(byte[] x, byte[] y) =>
        Encode(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{Encode(x)}}","y":"{{Encode(y)}}"}""")));

    private static SigningKey Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new SigningKeyException($"The signing key {path} can be read or changed by others than its owner. Run: chmod 600 {path}");
        }

        if (new FileInfo(path).Length > FileBytesMax)
        {
            throw new SigningKeyException($"{path} is too long for a private key in PEM.");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            if (key.ExportParameters(includePrivateParameters: true) is not { D: not null, Curve.Oid.Value: "1.2.840.10045.3.1.7" })
            {
                throw new SigningKeyException($"The key in {path} is not a private key on P-256, which {Algorithm} needs.");
            }

            return new SigningKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Written beside its place and moved there whole: nobody ever reads half a key, and an existing one is never replaced.</summary>
    private static void Make(string path)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
            stream.Flush(flushToDisk: true);
        }

        try
        {
            Place(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another server was first; its key is this one's too.
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>
    /// Gives a file a second name, unless something has that name. On Unix .NET's move looks first and renames then, so of two movers the second would
    /// replace the first's key; a link looks and places in one step. Where the file system knows no links, the move has to do.
    /// </summary>
    private static void Place(string draft, string path)
    {
        if (OperatingSystem.IsWindows() || Link(draft, path) != 0)
        {
            File.Move(draft, path, overwrite: false);
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string existing,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string added);
}

/// <summary>The server must not start with this key. The message never holds anything of the key.</summary>
public sealed class SigningKeyException(string message) : IOException(message);
