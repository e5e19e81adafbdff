# One whole export with Ruby's Net::HTTP: log in, create, poll, download every result file.
# Hosts are written out, as in a program for production. Against the emulator:
#   pardot-mock exec --clock 60 -- ruby examples/export_ruby.rb out/
require "fileutils"
require "json"
require "net/http"

EXPORT = "https://pi.pardot.com/api/export/version/4/do"
out = ARGV.fetch(0, ".")
poll = Float(ENV.fetch("POLL_SECONDS", "60"))
user_key = ENV.fetch("PARDOT_USER_KEY")

def send_off(request)
  uri = request.uri
  Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }
end

def facts(request)
  answer = JSON.parse(send_off(request).body)
  raise "the service answered: #{answer["err"]}" if answer["err"]

  answer
end

login = Net::HTTP::Post.new(URI("https://pi.pardot.com/api/login/version/4?format=json"))
login.set_form_data(
  "email" => ENV.fetch("PARDOT_EMAIL"),
  "password" => ENV.fetch("PARDOT_PASSWORD"),
  "user_key" => user_key
)
headers = { "Authorization" => "Pardot api_key=#{facts(login)["api_key"]}, user_key=#{user_key}" }

create = Net::HTTP::Post.new(URI("#{EXPORT}/create?format=json"), headers)
create.content_type = "application/json"
create.body = JSON.generate(
  object: "visitorActivity",
  fields: %w[id prospect_id type_name created_at],
  procedure: {
    name: "filter_by_created_at",
    arguments: { created_after: "-3 months", created_before: "now" }
  }
)
job = facts(create)["export"]

while %w[Waiting Processing].include?(job["state"])
  read = Net::HTTP::Get.new(URI("#{EXPORT}/read/id/#{job["id"]}?format=json"), headers)
  job = facts(read)["export"]
  puts "export #{job["id"]} is #{job["state"]}"
  sleep(poll) unless job["state"] == "Complete"
end
abort unless job["state"] == "Complete"

FileUtils.mkdir_p(out)
# No file is nothing, one is a string, more are a list.
Array(job["resultRefs"]).each do |url|
  request = Net::HTTP::Get.new(URI(url), headers)
  path = File.join(out, "#{url.split("/").last}.csv")
  Net::HTTP.start(request.uri.host, request.uri.port, use_ssl: true) do |http|
    http.request(request) do |answer|
      answer.value # raises unless it is a success
      File.open(path, "wb") { |file| answer.read_body { |piece| file << piece } }
    end
  end
  puts "wrote #{path}"
end
