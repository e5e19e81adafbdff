<?php
// One whole export with PHP's curl: log in, create, poll, download every result file.
// Hosts are written out, as in a program for production. Against the emulator:
//   pardot-mock exec --clock 60 -- php examples/export_php.php out/
declare(strict_types=1);

const EXPORT = 'https://pi.pardot.com/api/export/version/4/do';
$out = $argv[1] ?? '.';
$told = getenv('POLL_SECONDS');
$poll = $told === false ? 60.0 : (float) $told;
$user_key = getenv('PARDOT_USER_KEY');

function call(string $url, array $options): string
{
    $curl = curl_init($url);
    // Whichever of the two comes last decides where the answer goes.
    curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true] + $options);
    $answer = curl_exec($curl);
    if ($answer === false) {
        throw new RuntimeException(curl_error($curl));
    }
    return (string) $answer;
}

function facts(string $url, array $options): array
{
    $facts = json_decode(call("$url?format=json", $options), true, 32, JSON_THROW_ON_ERROR);
    if (isset($facts['err'])) {
        throw new RuntimeException("the service answered: {$facts['err']}");
    }
    return $facts;
}

$login = facts('https://pi.pardot.com/api/login/version/4', [CURLOPT_POSTFIELDS => http_build_query([
    'email' => getenv('PARDOT_EMAIL'),
    'password' => getenv('PARDOT_PASSWORD'),
    'user_key' => $user_key,
])]);
$auth = "Authorization: Pardot api_key={$login['api_key']}, user_key=$user_key";

$job = facts(EXPORT . '/create', [
    CURLOPT_HTTPHEADER => [$auth, 'Content-Type: application/json'],
    CURLOPT_POSTFIELDS => json_encode([
        'object' => 'visitorActivity',
        'fields' => ['id', 'prospect_id', 'type_name', 'created_at'],
        'procedure' => [
            'name' => 'filter_by_created_at',
            'arguments' => ['created_after' => '-3 months', 'created_before' => 'now'],
        ],
    ]),
])['export'];

while (in_array($job['state'], ['Waiting', 'Processing'], true)) {
    $job = facts(EXPORT . "/read/id/{$job['id']}", [CURLOPT_HTTPHEADER => [$auth]])['export'];
    echo "export {$job['id']} is {$job['state']}\n";
    if ($job['state'] !== 'Complete') {
        usleep((int) ($poll * 1_000_000));
    }
}
if ($job['state'] !== 'Complete') {
    exit(1);
}

if (!is_dir($out)) {
    mkdir($out, recursive: true);
}
// No file is nothing, one is a string, more are a list.
foreach ((array) ($job['resultRefs'] ?? []) as $url) {
    $path = "$out/" . basename($url) . '.csv';
    $file = fopen($path, 'wb');
    call($url, [CURLOPT_HTTPHEADER => [$auth], CURLOPT_FAILONERROR => true, CURLOPT_FILE => $file]);
    fclose($file);
    echo "wrote $path\n";
}
