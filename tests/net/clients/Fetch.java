// A client that knows of no proxy, run as "java Fetch.java ...": URL prints status and body, HOST PORT [TEXT] sends TEXT
// by plain TCP and prints the first that comes. Java trusts a list of its own: WORLD_CA names a file to trust instead.

import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Fetch {
    static SSLContext trusting(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = new FileInputStream(file)) {
            store.setCertificateEntry("world", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static void get(String url) throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(15));
        if (System.getenv("WORLD_CA") != null) {
            builder.sslContext(trusting(System.getenv("WORLD_CA")));
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(15)).build();
        HttpResponse<String> answer = builder.build().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.print(answer.statusCode() + "\n" + answer.body());
    }

    static void talk(String host, int port, String text) throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 15000);
            socket.setSoTimeout(15000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            byte[] first = new byte[4096];
            int n = socket.getInputStream().read(first);
            System.out.print(new String(first, 0, Math.max(n, 0), StandardCharsets.UTF_8));
        }
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 1) {
            get(args[0]);
        } else {
            talk(args[0], Integer.parseInt(args[1]), args.length > 2 ? args[2] : "");
        }
    }
}
