// One whole export with Java's HttpClient: log in, create, poll, download every result file.
// Hosts are written out, as in a program for production. Against the emulator:
//   pardot-mock exec --clock 60 -- java examples/ExportJava.java out/

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public class ExportJava {
    static final String EXPORT = "https://pi.pardot.com/api/export/version/4/do";
    static final String WANTED = """
        {"object": "visitorActivity",
         "fields": ["id", "prospect_id", "type_name", "created_at"],
         "procedure": {"name": "filter_by_created_at",
                       "arguments": {"created_after": "-3 months", "created_before": "now"}}}""";

    final HttpClient http = HttpClient.newHttpClient();
    String authorization = "";

    public static void main(String[] args) throws Exception {
        new ExportJava().run(Path.of(args.length > 0 ? args[0] : "."));
    }

    void run(Path out) throws Exception {
        var known = System.getenv();
        var form = Map.of("email", known.get("PARDOT_EMAIL"), "password", known.get("PARDOT_PASSWORD"),
                "user_key", known.get("PARDOT_USER_KEY"));
        var login = send(request("https://pi.pardot.com/api/login/version/4")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(encoded(form))));
        authorization = "Pardot api_key=" + elements(login, "api_key").get(0)
                + ", user_key=" + known.get("PARDOT_USER_KEY");

        var made = send(request(EXPORT + "/create").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(WANTED)));
        var id = elements(made, "id").get(0);
        var answer = made;
        while (!elements(answer, "state").get(0).equals("Complete")) {
            answer = send(request(EXPORT + "/read/id/" + id));
            var state = elements(answer, "state").get(0);
            System.out.println("export " + id + " is " + state);
            if (state.equals("Failed")) {
                System.exit(1);
            }
            if (!state.equals("Complete")) {
                Thread.sleep((long) (1000 * Double.parseDouble(known.getOrDefault("POLL_SECONDS", "60"))));
            }
        }

        Files.createDirectories(out);
        for (var url : elements(answer, "resultRefs")) {
            var path = out.resolve(url.substring(url.lastIndexOf('/') + 1) + ".csv");
            http.send(request(url).build(), BodyHandlers.ofFile(path));
            System.out.println("wrote " + path);
        }
    }

    HttpRequest.Builder request(String url) {
        var request = HttpRequest.newBuilder(URI.create(url));
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    String send(HttpRequest.Builder request) throws Exception {
        var body = http.send(request.build(), BodyHandlers.ofString()).body();
        if (body.contains("stat=\"fail\"")) {
            throw new IllegalStateException("the service answered: " + body);
        }
        return body;
    }

    static List<String> elements(String xml, String name) {
        return Pattern.compile("<" + name + ">(.*?)</" + name + ">").matcher(xml).results()
                .map((MatchResult found) -> found.group(1)).toList();
    }

    static String encoded(Map<String, String> form) {
        return form.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
