// One whole export with Go's net/http: log in, create, poll, download every result file.
// Hosts are written out, as in a program for production. Against the emulator:
//
//	pardot-mock exec --clock 60 -- go run examples/export_go.go out/
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const exportURL = "https://pi.pardot.com/api/export/version/4/do"

const wanted = `{"object": "visitorActivity",
 "fields": ["id", "prospect_id", "type_name", "created_at"],
 "procedure": {"name": "filter_by_created_at",
               "arguments": {"created_after": "-3 months", "created_before": "now"}}}`

type export struct {
	ID         int
	State      string
	ResultRefs refs
}

// refs reads what the service sends: nothing for no file, a string for one, a list for more.
type refs []string

func (r *refs) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*r = refs{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(r))
}

var authorization string

func send(method, address, kind, body string) *http.Response {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	check(err)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultClient.Do(request)
	check(err)
	return answer
}

func facts(method, address, kind, body string) export {
	answer := send(method, address+"?format=json", kind, body)
	defer answer.Body.Close()
	var known struct {
		Err    string
		APIKey string `json:"api_key"`
		Export export
	}
	check(json.NewDecoder(answer.Body).Decode(&known))
	if known.Err != "" {
		log.Fatal("the service answered: ", known.Err)
	}
	if known.APIKey != "" {
		authorization = "Pardot api_key=" + known.APIKey + ", user_key=" + os.Getenv("PARDOT_USER_KEY")
	}
	return known.Export
}

func download(address, file string) {
	answer := send("GET", address, "", "")
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		log.Fatal("the service answered ", answer.Status)
	}
	to, err := os.Create(file)
	check(err)
	_, err = io.Copy(to, answer.Body)
	check(err)
	check(to.Close())
	fmt.Println("wrote", file)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	out, poll := ".", 60.0
	if len(os.Args) > 1 {
		out = os.Args[1]
	}
	if told, err := strconv.ParseFloat(os.Getenv("POLL_SECONDS"), 64); err == nil {
		poll = told
	}

	form := url.Values{
		"email":    {os.Getenv("PARDOT_EMAIL")},
		"password": {os.Getenv("PARDOT_PASSWORD")},
		"user_key": {os.Getenv("PARDOT_USER_KEY")},
	}
	facts("POST", "https://pi.pardot.com/api/login/version/4", "application/x-www-form-urlencoded", form.Encode())

	job := facts("POST", exportURL+"/create", "application/json", wanted)
	for job.State == "Waiting" || job.State == "Processing" {
		job = facts("GET", fmt.Sprintf("%s/read/id/%d", exportURL, job.ID), "", "")
		fmt.Printf("export %d is %s\n", job.ID, job.State)
		if job.State != "Complete" {
			time.Sleep(time.Duration(poll * float64(time.Second)))
		}
	}
	if job.State != "Complete" {
		os.Exit(1)
	}

	check(os.MkdirAll(out, 0o755))
	for _, address := range job.ResultRefs {
		download(address, filepath.Join(out, path.Base(address)+".csv"))
	}
}
